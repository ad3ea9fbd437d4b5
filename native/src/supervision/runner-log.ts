/** The supervisor's own log, `logs/runner.log`: what it tells, with the time. */
import { appendFileSync } from 'node:fs';
import { logFile, type RunDirectory } from '@microshop/program-kit/run-directory';
import { eventLines, type Report, sparing } from './events.ts';
import { boundLog } from './part-log.ts';

/** Lines as they stand in the log: `2026-01-31T12:00:00.000Z orders healthy after 1.2 s`. */
export function runnerLog(directory: RunDirectory): Report {
  const file = logFile(directory, 'runner');
  boundLog(file);
  return sparing((event) => {
    const time = new Date().toISOString();
    const text = eventLines(event)
      .flatMap((line) => line.split('\n'))
      .map((line) => `${time} ${line.trimStart()}\n`)
      .join('');
    try {
      appendFileSync(file, text, { mode: 0o600 });
    } catch {
      // a full disk must not end the mesh
    }
  });
}
