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

/** CPU that was used, of a run or of another stretch of time. */
export type Used = Pick<Run, 'cpu_ms' | 'machine_ms' | 'stolen_ms'>;

/** The reasons, each a sentence; none for a pair that proves something. `sides` are their names. */
export function whyInvalid(runs: readonly [Run, Run], sides: readonly [string, string]): string[] {
  return [
    ...whyDrifted(runs.flatMap(({ calibration_ms }) => calibration_ms)),
    ...runs.flatMap((run, index) => whyRunInvalid(run).map((reason) => `${sides[index]}: ${reason}`)),
  ];
}

/** The reason, if the machine was not as fast in each calibration. */
export function whyDrifted(calibrations: readonly number[]): string[] {
  const drift = Math.max(...calibrations) / Math.min(...calibrations) - 1;
  // a drift that is not a number cannot be judged
  return drift <= mostDrift ? [] : [`The machine drifted by ${share(drift)}, over ${share(mostDrift)}`];
}

/** The reasons, if others used too much of the CPU that was in use, or the figures cannot be right. */
export function whyDisturbed(used: Used): string[] {
  const { cpu_ms: cpu, machine_ms: machine, stolen_ms: stolen } = used;
  const foreign = foreignShare(used);
  const below = -(cpu['rest'] ?? 0) / machine;
  return [
    ...(foreign <= mostForeign
      ? []
      : [
          `Foreign processes took ${share(foreign)} of the CPU, over ${share(mostForeign)}; ${share(stolen / (machine + stolen))} went to other machines`,
        ]),
    ...(below <= mostDisagreement ? [] : [`The processes claim ${share(below)} more CPU than the kernel`]),
  ];
}

function whyRunInvalid(run: Run): string[] {
  const { accepted, refused, fault } = run;
  return [...whyDisturbed(run), ...whyRefused(accepted, refused), ...(fault === undefined ? [] : [fault])];
}

/** The reason, if too many orders were refused for what is measured to be about those that were accepted. */
export function whyRefused(accepted: number, refused: number): string[] {
  const refusedShare = refused / (accepted + refused);
  return refusedShare <= mostRefused ? [] : [`${refused} of ${accepted + refused} orders were refused`];
}

/** CPU that was not the mesh's, its client's or the kernel's for them, milliseconds. */
export function foreignMs({ cpu_ms: cpu, stolen_ms: stolen }: Used): number {
  // CPU that no process accounts for is foreign too: that of processes that have ended or are hidden
  return (cpu['others'] ?? 0) + Math.max(0, cpu['rest'] ?? 0) + stolen;
}

/** Its share of the CPU time in use: 0 to 1. */
export function foreignShare(used: Used): number {
  return foreignMs(used) / (used.machine_ms + used.stolen_ms);
}

/** As a person reads it. */
export function share(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}
