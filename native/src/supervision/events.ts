/**
 * What a supervisor reports: as lines on a terminal, and kept with the time, in `logs/runner.log` for people and
 * `logs/runner-events.jsonl` for programs.
 */

import { appendFileSync } from 'node:fs';
import { logFile, type RunDirectory, runnerEventsFile } from '@microshop/program-kit/run-directory';
import { loggedEventLine, type RunnerEvent } from '@microshop/program-kit/runner-events';
import { boundLog } from './part-log.ts';

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
      return [`  ${event.part.padEnd(nameWidth)} joins later: its program is still being built`];
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

/** Of what is reported often it passes on only what is new: another step, or a quarter more of it. */
export function sparing(report: Report): Report {
  const lastNews = new Map<string, string>();
  return (event) => {
    if (event.type === 'making') {
      const news = `${event.step} ${Math.floor(4 * (event.share ?? 0))}`;
      if (lastNews.get(event.part) === news) return;
      lastNews.set(event.part, news);
    }
    report(event);
  };
}

function append(file: string, text: string): boolean {
  try {
    appendFileSync(file, text, { mode: 0o600 });
    return true;
  } catch {
    // a full disk must not stop the mesh
    return false;
  }
}

/**
 * Keeps what it takes: for people as `2026-01-31T12:00:00.000Z orders healthy after 1.2 s`, for programs as the lines of
 * `loggedEvents`.
 */
export function runnerLog(directory: RunDirectory): Report {
  const file = logFile(directory, 'runner');
  boundLog(file);
  const events = runnerEventsFile(directory);
  boundLog(events);
  // a killed runner or a full disk may have left half a line: start a new one
  let afterHalfALine = true;
  return sparing((event) => {
    const now = new Date();
    const time = now.toISOString();
    const text = eventLines(event)
      .flatMap((line) => line.split('\n'))
      .map((line) => `${time} ${line.trimStart()}\n`)
      .join('');
    append(file, text);
    const line = `${loggedEventLine({ at_ms: now.getTime(), event })}\n`;
    afterHalfALine = !append(events, afterHalfALine ? `\n${line}` : line);
  });
}
