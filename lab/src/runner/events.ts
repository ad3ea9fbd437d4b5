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
