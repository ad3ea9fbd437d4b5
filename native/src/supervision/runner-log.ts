/** What the supervisor tells, with the time: `logs/runner.log` for people, `logs/runner-events.jsonl` for programs. */
import { appendFileSync } from 'node:fs';
import { logFile, type RunDirectory, runnerEventsFile } from '@microshop/program-kit/run-directory';
import { toldEventLine } from '@microshop/program-kit/runner-events';
import { eventLines, type Report, sparing } from './events.ts';
import { boundLog } from './part-log.ts';

function append(file: string, text: string): boolean {
  try {
    appendFileSync(file, text, { mode: 0o600 });
    return true;
  } catch {
    // a full disk must not end the mesh
    return false;
  }
}

/**
 * Keeps what it takes: for people as `2026-01-31T12:00:00.000Z orders healthy after 1.2 s`, for programs as the lines of
 * `toldEvents`.
 */
export function runnerLog(directory: RunDirectory): Report {
  const file = logFile(directory, 'runner');
  boundLog(file);
  const events = runnerEventsFile(directory);
  boundLog(events);
  // a killed runner, or a full disk, may have left half a line: the next one stands apart from it
  let afterHalfALine = true;
  return sparing((event) => {
    const now = new Date();
    const time = now.toISOString();
    const text = eventLines(event)
      .flatMap((line) => line.split('\n'))
      .map((line) => `${time} ${line.trimStart()}\n`)
      .join('');
    append(file, text);
    const line = `${toldEventLine({ at_ms: now.getTime(), event })}\n`;
    afterHalfALine = !append(events, afterHalfALine ? `\n${line}` : line);
  });
}
