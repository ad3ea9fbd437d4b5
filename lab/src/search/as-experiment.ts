/** A schedule as an experiment: its claim is every invariant, under this load and these faults. */
import { answeredWithinMs } from '../experiment/answers.ts';
import { type Experiment, sabotagedMutant } from '../experiment/definition.ts';
import { codesOf, inTime, lossyBy, tracesOf, uncountedBy } from './explained.ts';
import type { Schedule } from './schedule.ts';

/** Length of the phase before the faults, seconds. */
const steadySeconds = 3;

/**
 * The last request may fail so long after the last fault, seconds: a breaker that lets its probe through too early is open for 5 s
 * once more, and a connection that hangs is given up within 3 s.
 */
const mostRecovery = 12;

/**
 * Longest time after the faults, seconds: it ends once every buyer is served again. A request that is sent later than
 * {@link mostRecovery} has its answer by then, even one that only the gateway gives.
 */
const healSeconds = mostRecovery + Math.ceil(answeredWithinMs / 1000) + 1;

/** How often a buyer repeats when the schedule does not say so, and after how long, milliseconds: a restart of an app takes about two seconds. */
const usualRepeats = 3;
const repeatAfterMs = 700;

/** Share of the buyers who send their order twice at once, when the schedule does not say so. */
const usualTwice = 0.2;

/** The experiment; `file` is where the schedule stands, as it is typed, `planted` the name of the bug with which it is run. */
export function experimentOf({ load, faults }: Schedule, file: string, planted?: string): Experiment {
  return {
    name: 'schedule',
    hypothesis: `Whatever ${faults.length === 1 ? 'this fault does' : `these ${faults.length} faults do`} at ${load.rate} buyers per second, every invariant holds, and all are served again afterwards.`,
    load: {
      rate: load.rate,
      repeats: load.repeats ?? usualRepeats,
      repeat_after_ms: repeatAfterMs,
      twice: load.twice ?? usualTwice,
    },
    seconds: { steady: steadySeconds, fault: load.seconds, heal: healSeconds },
    fault: { kind: 'timeline', faults },
    limits: [
      { figure: 'recovery_s', most: mostRecovery },
      { figure: 'dead_letters', most: 0 },
      { figure: 'messages_left', most: 0 },
    ],
    codes: codesOf(faults),
    traces: tracesOf(faults),
    schedule: {
      file,
      ...(planted === undefined ? {} : { planted }),
      in_time: inTime(faults),
      uncounted: uncountedBy(faults),
      lossy: lossyBy(faults),
    },
    mutant: sabotagedMutant,
  };
}
