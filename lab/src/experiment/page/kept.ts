/** Finds the page of the last run of an experiment, or of the last comparison. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ProvedNothing, UsageError } from '@microshop/cli/output/errors';
import { experimentFiles, runNamed } from '@microshop/program-kit/run-directory';
import { comparisonPageName } from '../../compare/page.ts';
import { mutantSuffix, typedName } from '../definition.ts';

/** What the last comparison is named by; its folder begins with it. */
const comparison = 'compare';

/** What is typed for what is no experiment, behind `./mesh experiment`. A search leaves a page when it has broken something. */
const typed: ReadonlyMap<string, string> = new Map([
  [comparison, comparison],
  ['search', 'search'],
  ['schedule', 'run schedule.json'],
]);

/** Throws `UsageError` for a name that no run can have; `experiments` are those that there are. */
export function checkReported(name: string, experiments: readonly { readonly name: string }[]): void {
  const names = experiments.map((one) => one.name);
  const known = [...names, ...names.map((one) => `${one}${mutantSuffix}`), ...typed.keys()];
  if (known.includes(name)) return;
  throw new UsageError(
    `There is no experiment "${name}"; there are ${[...names, ...typed.keys()].join(', ')}, and a mutant is ${names[0] ?? 'name'}${mutantSuffix}`,
  );
}

/** Path of the page in the directory of reports; the folders' names end with a time that sorts. Throws `ProvedNothing`. */
export function lastPage(reports: string, name: string): string {
  const folders = existsSync(reports) ? readdirSync(reports) : [];
  const file = name === comparison ? comparisonPageName : experimentFiles.page;
  const [last] = folders
    .filter((folder) => runNamed(folder)?.name === name)
    .map((folder) => path.join(reports, folder, file))
    .filter((page) => existsSync(page))
    .sort()
    .reverse();
  if (last !== undefined) return last;
  const command = typed.get(name) ?? `run ${typedName(name)}`;
  throw new ProvedNothing(`No run of ${name} has left a page; ./mesh experiment ${command} makes one`);
}
