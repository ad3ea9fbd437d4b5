/** When a pair of runs proves nothing: the machine was not the same throughout, or others used it. */
import type { Run } from './schemas.ts';

/** Largest share by which the slowest calibration of a pair may exceed the fastest one. */
export const mostDrift = 0.3;

/** Largest share of the CPU time in use that may belong to foreign processes and foreign machines. */
export const mostForeign = 0.1;

/** Largest share of the machine's CPU time that the processes' own figures may exceed it by. */
const mostDisagreement = 0.1;

/** Largest share of refused orders. */
const mostRefused = 0.02;

/** The reasons, each a sentence; none for a pair that proves something. `sides` are their names. */
export function whyInvalid(runs: readonly [Run, Run], sides: readonly [string, string]): string[] {
  const calibrations = runs.flatMap(({ calibration_ms }) => calibration_ms);
  const drift = Math.max(...calibrations) / Math.min(...calibrations) - 1;
  return [
    // a drift that is not a number is none that can be judged
    ...(drift <= mostDrift ? [] : [`The machine drifted by ${share(drift)}, over ${share(mostDrift)}`]),
    ...runs.flatMap((run, index) => whyRunInvalid(run).map((reason) => `${sides[index]}: ${reason}`)),
  ];
}

function whyRunInvalid(run: Run): string[] {
  const { accepted, refused, cpu_ms: cpu, machine_ms: machine, stolen_ms: stolen, fault } = run;
  const foreign = foreignShare(run);
  const below = -(cpu['rest'] ?? 0) / machine;
  const refusedShare = refused / (accepted + refused);
  return [
    ...(foreign <= mostForeign
      ? []
      : [
          `Foreign processes took ${share(foreign)} of the CPU, over ${share(mostForeign)}; ${share(stolen / (machine + stolen))} went to other machines`,
        ]),
    ...(below <= mostDisagreement ? [] : [`The processes claim ${share(below)} more CPU than the kernel`]),
    ...(refusedShare <= mostRefused ? [] : [`${refused} of ${accepted + refused} orders were refused`]),
    ...(fault === undefined ? [] : [fault]),
  ];
}

/** Share of the CPU time in use that was not the mesh's, its client's or the kernel's for them: 0 to 1. */
export function foreignShare({ cpu_ms: cpu, machine_ms: machine, stolen_ms: stolen }: Run): number {
  // what no process accounts for is foreign, too: that of processes that have ended, or are hidden from this one
  const foreign = (cpu['others'] ?? 0) + Math.max(0, cpu['rest'] ?? 0) + stolen;
  return foreign / (machine + stolen);
}

function share(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}
