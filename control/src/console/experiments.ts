/** Past runs of experiments, as the laboratory has left them in the directory of the mesh. */
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, messageOf } from '@microshop/program-kit/errors';
import { experimentFiles, runNamed } from '@microshop/program-kit/run-directory';
import { notFound } from '@microshop/service-kit';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { comparisonFileSchema, type Run, type RunList, reportSchema } from './experiment-schemas.ts';

/** Runs that are read at most: each report is read whole. */
const readAtMost = 50;

/**
 * What the page of a run may load and do: nothing. It holds what it shows, and no script of it would run. In a sandbox
 * it has no origin, so nothing of ours answers it.
 */
export const runPagePolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  'sandbox',
].join('; ');

/** The runs of that name, or all. `directory` is undefined where it cannot be reached. Throws what reading it throws. */
export async function listRuns(directory: string | undefined, wanted?: string): Promise<RunList> {
  if (directory === undefined) {
    const why =
      'Experiments run on the native mesh, and their reports are in its checkout; ./mesh experiment report in the checkout lists them';
    return { runs: [], names: [], count: 0, lacks: [why] };
  }
  const known = (await foldersIn(directory))
    .flatMap((folder) => {
      const run = runNamed(folder);
      return run === undefined ? [] : [{ folder, ...run }];
    })
    .sort((one, other) => other.at - one.at);
  const lacks: string[] = [];
  const found = known.filter(({ name }) => wanted === undefined || name === wanted);
  const runs = await Promise.all(
    found.slice(0, readAtMost).map(async ({ folder, name, at }): Promise<Run> => {
      const unread = (error: unknown) => {
        lacks.push(`The report of ${folder} cannot be read: ${messageOf(error)}`);
        return null;
      };
      const report = await readReport(path.join(directory, folder)).catch(unread);
      const comparison = await readComparison(path.join(directory, folder)).catch(unread);
      const pages = await Promise.all(pageFiles(directory, folder).map(isThere));
      return { folder, name, at, report, comparison, page: pages.includes(true) };
    }),
  );
  return { runs, names: [...new Set(known.map(({ name }) => name))].sort(), count: found.length, lacks };
}

/** The page of a run, HTML. Throws a problem when there is none. */
export async function readRunPage(directory: string | undefined, folder: string): Promise<string> {
  // any other name could point outside the directory
  if (directory === undefined || runNamed(folder) === undefined) throw noPage(folder);
  for (const file of pageFiles(directory, folder))
    if (await isThere(file)) return await readFile(file, 'utf8');
  throw noPage(folder);
}

/** Where the page of a run is, or that of a comparison. */
const pageFiles = (directory: string, folder: string) =>
  [experimentFiles.page, experimentFiles.comparisonPage].map((file) => path.join(directory, folder, file));

const noPage = (folder: string) => notFound(`No run ${folder} has left a page`);

/** Names in the directory; none before the first experiment. */
async function foldersIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** A file as that schema; null while there is none. Throws for one of another form. */
async function readAs<S extends TSchema>(schema: S, file: string): Promise<Static<S> | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  });
  if (text === undefined) return null;
  const value: unknown = JSON.parse(text);
  if (!Value.Check(schema, value)) throw new Error('it is not of this version');
  return value;
}

async function readReport(folder: string): Promise<Run['report']> {
  const report = await readAs(reportSchema, path.join(folder, experimentFiles.report));
  if (report === null) return null;
  const { hypothesis, verdict, reasons, command } = report;
  return { hypothesis, verdict, reasons, command };
}

async function readComparison(folder: string): Promise<Run['comparison']> {
  const report = await readAs(comparisonFileSchema, path.join(folder, experimentFiles.comparison));
  const decisive = report?.figures.find(({ primary }) => primary);
  if (report === null || decisive === undefined) return null;
  const { name, unit, scale, digits } = decisive.figure;
  const text = (median: number | null | undefined) =>
    typeof median === 'number' ? `${(median * scale).toFixed(digits)} ${unit}`.trim() : '–';
  return {
    valid: report.valid,
    figure: name,
    arms: decisive.arms.map(({ arm, spread, against }) => ({
      arm,
      median: text(spread?.median),
      said: against?.said.verdict ?? null,
    })),
  };
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
