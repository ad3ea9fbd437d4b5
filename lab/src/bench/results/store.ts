/** The files of results: read checked, written whole after each pair, so that a run goes on where it was interrupted. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CommandFailed, UsageError } from '@microshop/cli/output/errors';
import { hasCode } from '@microshop/program-kit/errors';
import { putJson } from '@microshop/program-kit/json-file';
import { Value } from 'typebox/value';
import { commandOf } from '../comparisons.ts';
import { type Environment, type Pair, type Result, resultSchema } from './schemas.ts';

/** The file of that comparison. */
export function resultFile(directory: string, comparison: string): string {
  return path.join(directory, `${comparison}.json`);
}

/** What is kept under that name. Throws `CommandFailed` for a file of another form: `parse` throws for it. */
export async function readKept<T>(
  directory: string,
  name: string,
  parse: (value: unknown) => T,
): Promise<T | undefined> {
  const file = resultFile(directory, name);
  try {
    return parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new CommandFailed(
      `${file} is not a result of this version; ${commandOf(name)} --fresh replaces it`,
      { cause: error },
    );
  }
}

/** What is kept of that comparison. Throws as {@link readKept} does. */
export async function readResult(directory: string, comparison: string): Promise<Result | undefined> {
  return await readKept(directory, comparison, (value) => Value.Parse(resultSchema, value));
}

/** Writes it. */
export async function keepResult(directory: string, result: Result): Promise<void> {
  await putJson(resultFile(directory, result.comparison), result);
}

/**
 * What new pairs are added to: the kept result, or an empty one. Throws `UsageError` that names what differs, when the kept
 * pairs are of another commit, machine or plan: figures of both would be mixed.
 */
export function continued(kept: Result | undefined, wanted: Omit<Result, 'pairs' | 'discarded'>): Result {
  if (kept === undefined) return { ...wanted, pairs: [], discarded: [] };
  refuseMixing(
    `pairs of ${wanted.comparison}`,
    {
      kept: { question: kept.says, sides: kept.sides, ...kept.plan },
      wanted: { question: wanted.says, sides: wanted.sides, ...wanted.plan },
    },
    [kept.environment, wanted.environment],
  );
  return { ...wanted, pairs: kept.pairs, discarded: kept.discarded };
}

/** How a person reads it, where it is not what it is called in the file. */
const readAs: Readonly<Record<string, string>> = {
  changes: 'changes without a commit',
  memory_mib: 'memory, MiB',
  seconds: 'seconds of a run',
  warm_up_s: 'seconds of load before it',
};

/** Longest value that is shown whole; a commit is longer. */
const longestShown = 40;

/** One thing, kept ÷ wanted; `undefined` when they are the same. */
function difference(name: string, kept: unknown, wanted: unknown): string | undefined {
  if (isDeepStrictEqual(kept, wanted)) return undefined;
  const text = (value: unknown) =>
    value === undefined
      ? 'none'
      : (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, longestShown);
  return `${readAs[name] ?? name}: ${text(kept)}, now ${text(wanted)}`;
}

/** Each member that is not the same in both. */
function differences(kept: object, wanted: object): string[] {
  const [before, now]: readonly Readonly<Record<string, unknown>>[] = [{ ...kept }, { ...wanted }];
  return [...new Set([...Object.keys(kept), ...Object.keys(wanted)])].flatMap(
    (name) => difference(name, before?.[name], now?.[name]) ?? [],
  );
}

/**
 * Throws `UsageError` that names what differs and how, when what is kept and what is wanted are of another machine or code, or not the
 * same in one of the `parts`.
 */
export function refuseMixing(
  what: string,
  parts: Readonly<{ kept: object; wanted: object }>,
  environments: readonly [Environment, Environment],
): void {
  const all = [...differences(parts.kept, parts.wanted), ...differences(...environments)];
  if (all.length === 0) return;
  throw new UsageError(`The saved ${what} are of something else (${all.join('; ')}); --fresh starts over`);
}

/** The result with one more pair. */
export function withPair(result: Result, pair: Pair): Result {
  const { kept: pairs, discarded } = withOneMore(result.pairs, result.discarded, pair);
  return { ...result, pairs, discarded };
}

/** What is kept, with one more in its place in the plan; one of the same place, which proved nothing, is set aside. */
export function withOneMore<T extends { readonly index: number }>(
  kept: readonly T[],
  discarded: readonly T[],
  one: T,
): { readonly kept: T[]; readonly discarded: T[] } {
  const isSame = ({ index }: T) => index === one.index;
  return {
    kept: [...kept.filter((other) => !isSame(other)), one].sort((a, b) => a.index - b.index),
    discarded: [...discarded, ...kept.filter(isSame)],
  };
}
