/** `./mesh bench list` and `report`: what is kept of earlier measurements. */
import { columns } from '@microshop/cli/output/columns';
import { CommandFailed, UsageError } from '@microshop/cli/output/errors';
import { print, printJson, progress } from '@microshop/cli/output/output';
import { benchDirectory } from '@microshop/program-kit/run-directory';
import { picked } from './chosen.ts';
import { commandOf, comparisons, isAgainst } from './comparisons.ts';
import { figureTable } from './figures/lines.ts';
import type { KeptFigures } from './figures/schemas.ts';
import { figureSets } from './figures/sets.ts';
import { readFigures } from './figures/store.ts';
import { costPicture, costTable } from './results/pages.ts';
import type { Result } from './results/schemas.ts';
import { readResult } from './results/store.ts';

/** Prints all there is to measure, with what is kept of each; says which file cannot be read. */
export async function list(options: { readonly json?: boolean }): Promise<void> {
  const directory = benchDirectory();
  const validOf = (kept: readonly { readonly invalid: readonly string[] }[] = []) =>
    kept.filter(({ invalid }) => invalid.length === 0).length;
  const compared = await Promise.all(
    comparisons.map(async ({ name, says }) => {
      const kept = await readResult(directory, name).catch(unreadable);
      return { name, says, pairs: kept?.plan.pairs ?? null, valid: validOf(kept?.pairs) };
    }),
  );
  const measured = await Promise.all(
    figureSets.map(async ({ name, says, times }) => {
      const kept = await readFigures(directory, name).catch(unreadable);
      return { name, says, times: kept === undefined ? null : times, valid: validOf(kept?.measurements) };
    }),
  );
  if (options.json === true) return printJson({ comparisons: compared, figures: measured });
  const text = (valid: number, planned: number | null) => (planned === null ? '–' : `${valid} of ${planned}`);
  print(
    ...columns(
      ['comparison', 'first ÷ second', 'valid pairs'],
      compared.map((row) => [row.name, row.says, text(row.valid, row.pairs)]),
    ),
    '',
    ...columns(
      ['figures', 'of one mesh', 'valid'],
      measured.map((row) => [row.name, row.says, text(row.valid, row.times)]),
    ),
  );
}

/**
 * Prints what is kept under those names, separated by commas, for a page. Throws `CommandFailed` for what is missing or proves
 * nothing.
 */
export async function report(names: string, options: { readonly svg?: boolean }): Promise<void> {
  const directory = benchDirectory();
  const results: Result[] = [];
  const figures: KeptFigures[] = [];
  for (const name of names.split(',').map((one) => one.trim())) {
    if (figureSets.some((set) => set.name === name)) {
      figures.push((await readFigures(directory, name)) ?? nothingKept(name));
      continue;
    }
    if (!isAgainst(name)) picked(name);
    results.push((await readResult(directory, name)) ?? nothingKept(name));
  }
  if (options.svg !== true) {
    return print(
      ...(results.length === 0 ? [] : costTable(results)),
      ...(results.length > 0 && figures.length > 0 ? [''] : []),
      ...(figures.length === 0 ? [] : figureTable(figures)),
    );
  }
  const [unlike] = figures;
  if (unlike !== undefined) throw new UsageError(`There is no picture of ${unlike.set}, only a table`);
  const of = results.map(
    ({ environment: { cpu, cores, commit } }) => `${cores} × ${cpu}, ${commit.slice(0, 7)}`,
  );
  print(...costPicture(results, `${[...new Set(of)].join('; ')}; bench report ${names} --svg`));
}

/** One file that is damaged hides none of the others. */
function unreadable(error: unknown): undefined {
  if (!(error instanceof CommandFailed)) throw error;
  progress(error.message);
}

function nothingKept(name: string): never {
  throw new CommandFailed(`There are no results of ${name}: ${commandOf(name)}`);
}
