/** Finds the page of the last run of an experiment. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ProvedNothing } from '@microshop/cli/output/errors';
import { experimentFiles, runNamed } from '@microshop/program-kit/run-directory';

/** Path of the page in the directory of reports; the folders' names end with a time that sorts. Throws `ProvedNothing`. */
export function lastPage(reports: string, name: string): string {
  const folders = existsSync(reports) ? readdirSync(reports) : [];
  const [last] = folders
    .filter((folder) => runNamed(folder)?.name === name)
    .map((folder) => path.join(reports, folder, experimentFiles.page))
    .filter((page) => existsSync(page))
    .sort()
    .reverse();
  if (last !== undefined) return last;
  throw new ProvedNothing(`No run of ${name} has left a page; ./mesh experiment run ${name} makes one`);
}
