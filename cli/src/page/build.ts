/** Builds the page of the console in the background. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { programs } from '@microshop/deploy/programs';
import {
  logFile,
  makeRunDirectory,
  type RunDirectory,
  repositoryRoot,
} from '@microshop/program-kit/run-directory';

/** Name of its log. */
const logName = 'console-build';

/** Starts the build, which ends at once where no source has changed, and does not wait for it. */
export function buildPageInBackground(directory: RunDirectory): void {
  makeRunDirectory(directory);
  const log = openSync(logFile(directory, logName), 'w', 0o600);
  const building = spawn(process.execPath, [path.join(repositoryRoot, programs.buildConsole)], {
    cwd: repositoryRoot,
    stdio: ['ignore', log, log],
    detached: true,
  });
  // the mesh works without its page; `npm run build` says why there is none
  building.once('error', () => undefined);
  // at a lower priority than what the mesh needs to start
  if (building.pid !== undefined) os.setPriority(building.pid, os.constants.priority.PRIORITY_LOW);
  building.unref();
  closeSync(log);
}
