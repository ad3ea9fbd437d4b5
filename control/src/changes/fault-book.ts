/**
 * Faults: set, listed with what they have hit, cleared, and ended when their time is over, also when this service was
 * down meanwhile.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { callersMeeting } from '@microshop/envoy';
import { badRequest } from '@microshop/service-kit';
import type { FaultRequest, ServiceName } from '@microshop/topology';
import type { ChangeBook } from './book.ts';
import type { Delivery } from './delivery.ts';
import { toFault } from './files.ts';
import { faultCountersOf, type Sidecar } from './in-force.ts';
import { type FaultAnswer, type FaultRecord, faultMistake, type Hits, keptOf } from './schemas.ts';
import { keepFaults, settleClearRequests, settleResetRequests } from './store.ts';

/** Nothing. */
export const noHits: Hits = { aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 };

/** Counters of each sidecar, by caller. */
export type Counters = FaultRecord['since'];

/** The counters of a service's sidecars now. */
export async function countersOf(delivery: Delivery, service: FaultRecord['service']): Promise<Counters> {
  const sidecars = delivery
    .sidecarsOf(service)
    .map(async (envoy) => [envoy.part, await faultCountersOf(envoy, service)] as const);
  return Object.fromEntries(await Promise.all(sidecars));
}

/**
 * Hits of a fault: what was counted up to its last change, and what the counters of the callers that meet it have grown
 * since. A counter that is lower than it was belongs to an Envoy that was restarted; it counts from zero.
 */
export function hitsOf(record: FaultRecord, all: readonly FaultRecord[], now: Counters): Hits {
  const faults = all.map(toFault);
  const fault = faults[all.indexOf(record)];
  let sum = record.counted;
  for (const [part, counters] of Object.entries(now)) {
    const callers: readonly string[] =
      fault === undefined ? [] : callersMeeting(faults, fault, replicaOf(part));
    for (const caller of callers) {
      const before = record.since[part]?.[caller] ?? noHits;
      const counter = counters[caller] ?? noHits;
      sum = {
        aborts: sum.aborts + grown(before.aborts, counter.aborts),
        delays: sum.delays + grown(before.delays, counter.delays),
        answers_replaced: sum.answers_replaced + grown(before.answers_replaced, counter.answers_replaced),
        answers_slowed: sum.answers_slowed + grown(before.answers_slowed, counter.answers_slowed),
      };
    }
  }
  return sum;
}

/** The replica whose sidecar that is: `products-sidecar-2`; the first one has no number. */
function replicaOf(sidecar: string): number {
  return Number(/-(\d+)$/.exec(sidecar)?.[1] ?? 1);
}

/** How many, or which: where one has gone its number is left out. */
function numbersOf(replicas: readonly Sidecar[]): string {
  const numbers = replicas.map(({ replica }) => replica).sort((one, other) => one - other);
  return numbers.every((number, index) => number === index + 1)
    ? String(numbers.length)
    : `those of number ${numbers.join(', ')}`;
}

function grown(before: number, now: number): number {
  return now >= before ? now - before : now;
}

/** The records of a service with their hits so far counted, so that who meets which of them may change. */
export function settled(records: readonly FaultRecord[], now: Counters): FaultRecord[] {
  return records.map((record) => ({ ...record, counted: hitsOf(record, records, now), since: now }));
}

/** Pause between two polls, milliseconds. */
const lookEveryMs = 25;

/** Longest time a timer can be set to, milliseconds; it is set again then. */
const longestTimerMs = 2 ** 31 - 1;

/** All faults of the mesh. */
export interface FaultBook {
  /** Does what was asked for while nothing ran, of policies, too; brings the files in line with the disk, sets the timers. */
  begin(): Promise<void>;
  /** Sets a fault in place of the one of the same service, caller and replica. Returns when the sidecars report it. */
  set(request: FaultRequest): Promise<FaultAnswer>;
  list(): Promise<FaultAnswer[]>;
  /** Ends the faults of a service, or all; returns them when the sidecars report none of them. */
  clear(service: ServiceName | undefined): Promise<FaultRecord[]>;
  end(): void;
}

/** What it logs. */
export interface FaultLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A book of faults over those changes. */
export function createFaultBook(book: ChangeBook, log: FaultLog): FaultBook {
  const { state, delivery } = book;
  let timer: NodeJS.Timeout | undefined;

  /** Sidecars of the service that do not report exactly these faults; waits for them a while. */
  async function waitingFor(
    service: ServiceName,
    faults: readonly FaultRecord[],
    limitMs: number,
  ): Promise<string[]> {
    const end = performance.now() + limitMs;
    for (;;) {
      const waiting = await delivery.withoutFaults(service, faults);
      if (waiting.length === 0 || performance.now() >= end) return [...waiting];
      await delay(lookEveryMs);
    }
  }

  /** Puts other faults in place of a service's, their hits so far counted, and sets the timer. */
  async function replace(
    service: ServiceName,
    change: (settledFaults: FaultRecord[], counters: FaultRecord['since']) => FaultRecord[],
  ): Promise<readonly FaultRecord[]> {
    const { faults } = await book.read();
    const counters = await countersOf(delivery, service);
    const there = settled(
      faults.filter((fault) => fault.service === service),
      counters,
    );
    const others = faults.filter((fault) => fault.service !== service);
    await keepFaults(state, [...others, ...change(there, counters)]);
    const written = await book.write();
    arm(written.faults);
    return written.faults;
  }

  function arm(faults: readonly FaultRecord[]): void {
    clearTimeout(timer);
    const ends = faults.flatMap((fault) => (fault.expires_at === null ? [] : [fault.expires_at]));
    if (ends.length === 0) return;
    const afterMs = Math.max(0, Math.min(...ends) - Date.now());
    timer = setTimeout(() => void expire(), Math.min(afterMs, longestTimerMs));
  }

  /** What has expired is not read any more: writing the files again ends it. */
  async function expire(): Promise<void> {
    try {
      await book.inTurn(async () => {
        const { faults } = await book.write();
        await keepFaults(state, faults);
        log.info({ left: faults.length }, 'faults have expired');
        arm(faults);
      });
    } catch (error) {
      log.error({ err: error }, 'expired faults could not be ended; retrying');
      timer = setTimeout(() => void expire(), 1000);
    }
  }

  function answer(record: FaultRecord, hits: FaultAnswer['hits'], waiting: string[]): FaultAnswer {
    const { counted: _counted, since: _since, ...shown } = record;
    return { ...shown, hits, waiting_for: waiting };
  }

  return {
    begin: () =>
      book.inTurn(async () => {
        const { faults, policyRecords, problems } = await book.write();
        await settleClearRequests(state, faults);
        await settleResetRequests(state, policyRecords);
        for (const problem of problems) log.error({ problem }, 'a change on disk is ignored');
        arm(faults);
      }),

    set: (request) =>
      book.inTurn(async () => {
        const mistake = faultMistake(request);
        if (mistake !== undefined) throw badRequest(mistake);
        const { service, from = null, replica = null } = request;
        const replicas = delivery.sidecarsOf(service);
        if (replica !== null && !replicas.some((one) => one.replica === replica)) {
          throw badRequest(`There is no replica ${replica} of ${service}: it has ${numbersOf(replicas)}`);
        }
        const isSame = (fault: FaultRecord) => fault.from === from && fault.replica === replica;
        const now = Date.now();
        const faults = await replace(service, (there, counters) => [
          ...there.filter((fault) => !isSame(fault)),
          {
            ...keptOf(request),
            set_at: now,
            expires_at: request.for_ms === undefined ? null : now + request.for_ms,
            counted: noHits,
            since: counters,
          },
        ]);
        const waiting = await waitingFor(service, faults, delivery.reportLimitMs);
        const record = faults.find((fault) => fault.service === service && isSame(fault));
        if (record === undefined) {
          throw badRequest('The fault ended before the sidecars had applied it');
        }
        log.info({ fault: request, waiting_for: waiting }, 'fault set');
        return answer(record, noHits, waiting);
      }),

    async list() {
      const { faults } = await book.read();
      return await Promise.all(
        faults.map(async (record) => {
          const there = faults.filter((fault) => fault.service === record.service);
          const [counters, waiting] = await Promise.all([
            countersOf(delivery, record.service),
            waitingFor(record.service, there, 0),
          ]);
          return answer(record, hitsOf(record, there, counters), waiting);
        }),
      );
    },

    clear: (service) =>
      book.inTurn(async () => {
        const { faults } = await book.read();
        const cleared = faults.filter((fault) => service === undefined || fault.service === service);
        await keepFaults(
          state,
          faults.filter((fault) => !cleared.includes(fault)),
        );
        const left = (await book.write()).faults;
        arm(left);
        const touched = [...new Set(cleared.map((fault) => fault.service))];
        await Promise.all(touched.map((one) => waitingFor(one, left, delivery.reportLimitMs)));
        log.info({ callee: service, cleared: cleared.length }, 'faults cleared');
        return cleared;
      }),

    end: () => clearTimeout(timer),
  };
}
