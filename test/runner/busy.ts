/** How busy the processors of this machine are: where they are not, more lanes would help; where they are, only less work does. */
import { type CpuInfo, cpus } from 'node:os';

/** Milliseconds of all processors since the machine was started. */
function timesOf(all: readonly CpuInfo[]): { readonly busy: number; readonly passed: number } {
  const sum = (name: keyof CpuInfo['times']) => all.reduce((total, { times }) => total + times[name], 0);
  const busy = sum('user') + sum('nice') + sum('sys') + sum('irq');
  return { busy, passed: busy + sum('idle') };
}

/** From now on: the share of the processors' time, up to when it is asked, in which they did something. */
export function processorsFrom(read: () => readonly CpuInfo[] = cpus): () => number {
  const before = timesOf(read());
  return () => {
    const now = timesOf(read());
    return (now.busy - before.busy) / Math.max(1, now.passed - before.passed);
  };
}

/** That share for people: `88 %`. */
export const percent = (share: number): string => `${Math.round(100 * share)} %`;
