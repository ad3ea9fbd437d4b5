/** What a fault has hit since it was set, from Envoy's counters. */
import { callersMeeting } from '@microshop/envoy';
import type { Placement } from '@microshop/topology';
import { faultCountersOf, sidecarsOf } from '../service/envoys.ts';
import { toFault } from './apply.ts';
import type { FaultRecord, Hits } from './schemas.ts';

/** Nothing. */
export const noHits: Hits = { aborts: 0, delays: 0, answers_replaced: 0 };

/** Counters of each sidecar, by caller. */
export type Counters = FaultRecord['since'];

/** The counters of a service's sidecars now. */
export async function countersOf(placement: Placement, service: FaultRecord['service']): Promise<Counters> {
  const sidecars = sidecarsOf(placement, service).map(
    async (envoy) => [envoy.part, await faultCountersOf(envoy, service)] as const,
  );
  return Object.fromEntries(await Promise.all(sidecars));
}

/**
 * Hits of a fault: what was counted up to its last change, and what the counters of the callers that meet it have grown
 * since. A counter that is lower than it was belongs to an Envoy that was started anew; it counts from zero.
 */
export function hitsOf(record: FaultRecord, all: readonly FaultRecord[], now: Counters): Hits {
  const faults = all.map(toFault);
  const fault = faults[all.indexOf(record)];
  const callers: readonly string[] = fault === undefined ? [] : callersMeeting(faults, fault);
  let sum = record.counted;
  for (const [part, counters] of Object.entries(now)) {
    for (const caller of callers) {
      const before = record.since[part]?.[caller] ?? noHits;
      const counter = counters[caller] ?? noHits;
      sum = {
        aborts: sum.aborts + grown(before.aborts, counter.aborts),
        delays: sum.delays + grown(before.delays, counter.delays),
        answers_replaced: sum.answers_replaced + grown(before.answers_replaced, counter.answers_replaced),
      };
    }
  }
  return sum;
}

function grown(before: number, now: number): number {
  return now >= before ? now - before : now;
}

/** The records of a service with their hits so far counted, so that who meets which of them may change. */
export function settled(records: readonly FaultRecord[], now: Counters): FaultRecord[] {
  return records.map((record) => ({ ...record, counted: hitsOf(record, records, now), since: now }));
}
