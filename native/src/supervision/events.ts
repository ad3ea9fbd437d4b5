/** How what a supervisor tells reads on a terminal. */
import type { RunnerEvent } from '@microshop/program-kit/runner-events';

/** Takes events; must not throw. */
export type Report = (event: RunnerEvent) => void;

const nameWidth = 20;

/** The lines a person reads. */
export function eventLines(event: RunnerEvent): string[] {
  switch (event.type) {
    case 'note':
      return [event.text];
    case 'healthy':
      return [`  ${event.part.padEnd(nameWidth)} healthy after ${event.seconds.toFixed(1)} s`];
    case 'joins-later':
      return [`  ${event.part.padEnd(nameWidth)} joins later: its program has still to be made`];
    case 'making':
      return [`  ${event.part.padEnd(nameWidth)} ${event.text}`];
    case 'stopped':
      return [`  ${event.part.padEnd(nameWidth)} stopped in ${event.seconds.toFixed(1)} s`];
    case 'warning':
      return [`  ${event.part.padEnd(nameWidth)} ${event.text}`];
    case 'died':
      return [
        `  ${event.part.padEnd(nameWidth)} ${event.how}; starting it again in ${event.againInMs / 1000} s`,
        ...event.lastLines.map((line) => `    | ${line}`),
      ];
  }
}

/** Passes on of what is told often only the news: another step, or a quarter more of it. */
export function sparing(report: Report): Report {
  const told = new Map<string, string>();
  return (event) => {
    if (event.type === 'making') {
      const news = `${event.step} ${Math.floor(4 * (event.share ?? 0))}`;
      if (told.get(event.part) === news) return;
      told.set(event.part, news);
    }
    report(event);
  };
}
