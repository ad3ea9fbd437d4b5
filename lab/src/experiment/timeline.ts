/** Faults that begin at their times and may overlap; each is ended and witnessed by itself. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import { type Fault, faultCommand, type TimedFault } from './definition.ts';
import { madeBy, type Witness } from './facts.ts';
import type { SetFault } from './set-fault.ts';

/** Sets one of them for so many milliseconds. */
type Setter = (fault: Fault, ms: number) => Promise<SetFault>;

/** Starts it and returns at once; its phase lasts until every fault has ended. Its end ends what is set, and begins no more. */
export function timeline(faults: readonly TimedFault[], set: Setter): SetFault {
  const ending = new AbortController();
  const witnesses = faults.map((fault) => runOne(fault, set, ending.signal));
  return {
    course: Promise.all(witnesses).then(() => undefined),
    async heal() {
      ending.abort();
      return timelineWitness(faults, await Promise.all(witnesses));
    },
  };
}

/** Never rejects: a fault that cannot be set, or ended, did not land. */
async function runOne(
  { at_ms: atMs, for_ms: forMs = 0, ...fault }: TimedFault,
  set: Setter,
  ended: AbortSignal,
): Promise<Witness> {
  const pause = async (ms: number) =>
    await delay(ms, true, { signal: ended }).catch((error: unknown) => {
      if (!ended.aborted) throw error;
      return false;
    });
  try {
    if (!(await pause(atMs))) return { landed: false, saw: 'the run ended before it' };
    const one = await set(fault, forMs);
    await pause(forMs);
    return await one.heal();
  } catch (error) {
    return { landed: false, saw: messageOf(error) };
  }
}

/** What was seen of them: one that landed is enough for a run to count, and each that did not is named. */
export function timelineWitness(faults: readonly TimedFault[], witnesses: readonly Witness[]): Witness {
  const saw = faults.map((fault, index) => {
    const { landed, saw } = witnesses[index] ?? { landed: false, saw: 'nothing' };
    return landed ? saw : `${faultCommand(fault)} did not land: ${saw}`;
  });
  return {
    landed: witnesses.some(({ landed }) => landed),
    saw: saw.join('; '),
    ...madeBy(witnesses),
    each: witnesses,
  };
}
