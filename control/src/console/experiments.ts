/** Past runs of experiments, as the laboratory has left them in the directory of the mesh. */
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, messageOf } from '@microshop/program-kit/errors';
import { experimentFiles, runNamed } from '@microshop/program-kit/run-directory';
import { notFound } from '@microshop/service-kit';
import { Value } from 'typebox/value';
import { type Run, type RunList, reportSchema } from './experiment-schemas.ts';

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
      'Reports lie in the checkout, where containers do not reach; ./mesh experiment report, typed in the checkout, names them';
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
      const report = await readReport(path.join(directory, folder)).catch((error: unknown) => {
        lacks.push(`The report of ${folder} cannot be read: ${messageOf(error)}`);
        return null;
      });
      return { folder, name, at, report, page: await isThere(pageFile(directory, folder)) };
    }),
  );
  return { runs, names: [...new Set(known.map(({ name }) => name))].sort(), count: found.length, lacks };
}

/** The page of a run, HTML. Throws a problem when there is none. */
export async function readRunPage(directory: string | undefined, folder: string): Promise<string> {
  // a name of another form could lead out of the directory
  if (directory === undefined || runNamed(folder) === undefined) throw noPage(folder);
  try {
    return await readFile(pageFile(directory, folder), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) throw noPage(folder);
    throw error;
  }
}

const pageFile = (directory: string, folder: string) => path.join(directory, folder, experimentFiles.page);

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

/** Null while there is none. Throws for one of another form. */
async function readReport(folder: string): Promise<Run['report']> {
  const text = await readFile(path.join(folder, experimentFiles.report), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  });
  if (text === undefined) return null;
  const report: unknown = JSON.parse(text);
  if (!Value.Check(reportSchema, report)) throw new Error('it is not of this version');
  const { hypothesis, verdict, reasons, command } = report;
  return { hypothesis, verdict, reasons, command };
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
