/** Sets the fault of an experiment, sees that it landed, and ends it. */
import { setTimeout as delay } from 'node:timers/promises';
import { UnreachableError } from '@microshop/program-kit/http-json';
import { certificates } from './certificate-fault.ts';
import type { CallsFault, Fault } from './definition.ts';
import { madeBy, type Witness } from './facts.ts';
import { duplicates, poison } from './message-faults.ts';
import { type Hands, restarts, setPartFault } from './part-faults.ts';
import { type SaleHands, sale } from './sale.ts';
import type { SetFault } from './set-fault.ts';
import { surge } from './surge.ts';
import { timeline } from './timeline.ts';

/** A fault of calls ends by itself so long after its time, should this command be gone by then, milliseconds. */
const spareMs = 10_000;

/** Time the control service may take to answer when a fault is to end, milliseconds: a start of it takes over eight seconds on a busy machine. */
const answersAgainMs = 20_000;

/** Pause between two questions, milliseconds. */
const askAgainMs = 200;

/** What faults are set with. */
export interface FaultHands extends Hands, SaleHands {
  /** File of what the load has been answered, a line for each. */
  readonly ledger: string;
}

/** Sets a fault for `ms` milliseconds; returns when it is in effect. Throws when it cannot be set. */
export async function setFault(fault: Fault, ms: number, hands: FaultHands): Promise<SetFault> {
  if (fault.kind === 'calls') return await setCalls(fault, ms, hands);
  if (fault.kind === 'together') return await setTogether(fault.faults, ms, hands);
  if (fault.kind === 'timeline') return timeline(fault.faults, (one, oneMs) => setFault(one, oneMs, hands));
  if (fault.kind === 'restarts') return restarts(hands.client, fault.parts);
  if (fault.kind === 'poison') return poison(hands.control, fault);
  if (fault.kind === 'certificates') return await certificates(fault, ms, hands.control);
  if (fault.kind === 'sale') return await sale(fault, hands);
  if (fault.kind === 'surge') return await surge(fault.load, ms, hands);
  if (fault.kind === 'duplicates') return duplicates(hands.control, fault.times, hands.ledger);
  return await setPartFault(fault, ms, hands);
}

async function setCalls(fault: CallsFault, ms: number, { control }: Hands): Promise<SetFault> {
  const { kind: _, ...request } = fault;
  const { waiting_for: waiting } = await control.setFault({ ...request, for_ms: ms + spareMs });
  return {
    async heal() {
      const set = await answered(() => control.faults());
      await answered(() => control.clearFaults(fault.service));
      return callsWitness(waiting, set.find(({ service }) => service === fault.service)?.hits);
    },
  };
}

/**
 * The answer, also of a control service that is just being started again: without it a fault would stay beyond its time, and be called
 * one that is left.
 */
export async function answered<T>(ask: () => Promise<T>, limitMs: number = answersAgainMs): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnreachableError) || performance.now() > end) throw error;
      await delay(askAgainMs);
    }
  }
}

/** One after the other. When one cannot be set, those before it are ended, and it throws. */
async function setTogether(faults: readonly Fault[], ms: number, hands: FaultHands): Promise<SetFault> {
  const set: SetFault[] = [];
  const heal = async () => await Promise.all(set.map((one) => one.heal()));
  try {
    for (const fault of faults) set.push(await setFault(fault, ms, hands));
  } catch (error) {
    await heal();
    throw error;
  }
  return {
    async heal() {
      return togetherWitness(await heal());
    },
  };
}

/** What was seen of faults that are set together: each has to land, and what they have made is the run's. */
export function togetherWitness(witnesses: readonly Witness[]): Witness {
  return {
    landed: witnesses.every(({ landed }) => landed),
    saw: witnesses.map(({ saw }) => saw).join('; '),
    ...madeBy(witnesses),
  };
}

/** In place of a fault: nothing is done, so nothing can be seen of it. */
export const noFault: SetFault = {
  heal: async () => ({ landed: false, saw: 'it was not applied, as asked (--without-fault)' }),
};

/** What was seen of a fault of calls: every sidecar applied it, and at least one call met it, by Envoy's counters. */
export function callsWitness(
  waiting: readonly string[],
  hits: Readonly<Record<string, number>> | undefined,
): Witness {
  if (waiting.length > 0) return { landed: false, saw: `it was not in effect at ${waiting.join(', ')}` };
  if (hits === undefined) return { landed: false, saw: 'it was gone before its time' };
  const seen = Object.entries(hits).filter(([, count]) => count > 0);
  if (seen.length === 0) return { landed: false, saw: 'no call met it' };
  return {
    landed: true,
    saw: `Envoy counted ${seen.map(([what, count]) => `${count} ${what.replaceAll('_', ' ')}`).join(', ')}`,
  };
}
