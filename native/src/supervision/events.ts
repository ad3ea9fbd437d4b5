/** What a supervisor tells while it works, and how it reads on a terminal. */
import type { PartKind } from './part.ts';

/** Something worth telling. */
export type RunnerEvent =
  | { readonly type: 'note'; readonly text: string }
  /** A part does its work, `seconds` after its process was started. */
  | { readonly type: 'healthy'; readonly part: string; readonly kind: PartKind; readonly seconds: number }
  /** A part ended by itself. */
  | {
      readonly type: 'died';
      readonly part: string;
      readonly how: string;
      readonly lastLines: readonly string[];
      /** Time until it is started again, milliseconds. */
      readonly againInMs: number;
    }
  /** The mesh starts without a part whose program has still to be made. */
  | { readonly type: 'joins-later'; readonly part: string }
  /** What is being made for a part, and how far that is; told often. */
  | {
      readonly type: 'making';
      readonly part: string;
      readonly step: string;
      /** Share of the step that is done, 0 to 1, where it is known. */
      readonly share: number | undefined;
      /** Step and share for people. */
      readonly text: string;
    }
  | { readonly type: 'stopped'; readonly part: string; readonly seconds: number }
  /** Something went wrong that does not stop the part. */
  | { readonly type: 'warning'; readonly part: string; readonly text: string };

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
