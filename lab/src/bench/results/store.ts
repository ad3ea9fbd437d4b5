/** The files of results: read checked, written whole after each pair, so that a run goes on where it was interrupted. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CommandFailed, UsageError } from '@microshop/cli/output/errors';
import { hasCode } from '@microshop/program-kit/errors';
import { putJson } from '@microshop/program-kit/json-file';
import { Value } from 'typebox/value';
import { type Pair, type Result, resultSchema } from './schemas.ts';

/** The file of that comparison. */
export function resultFile(directory: string, comparison: string): string {
  return path.join(directory, `${comparison}.json`);
}

/** What is kept of that comparison. Throws `CommandFailed` for a file of another form. */
export async function readResult(directory: string, comparison: string): Promise<Result | undefined> {
  const file = resultFile(directory, comparison);
  try {
    return Value.Parse(resultSchema, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new CommandFailed(`${file} is not a result of this version; --fresh writes it again`, {
      cause: error,
    });
  }
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
  const names = ['says', 'sides', 'plan', 'environment'] as const;
  const differs = names.filter((name) => !isDeepStrictEqual(kept[name], wanted[name]));
  if (differs.length > 0) {
    throw new UsageError(
      `The kept pairs of ${wanted.comparison} have another ${differs.map((name) => whatDiffers(name, kept, wanted)).join(', another ')}; --fresh measures from scratch`,
    );
  }
  return { ...wanted, pairs: kept.pairs, discarded: kept.discarded };
}

function whatDiffers(
  name: 'says' | 'sides' | 'plan' | 'environment',
  kept: Result,
  wanted: Omit<Result, 'pairs' | 'discarded'>,
): string {
  if (name !== 'environment') return { says: 'question', sides: 'sides', plan: 'plan' }[name];
  const before: Readonly<Record<string, unknown>> = kept.environment;
  const now: Readonly<Record<string, unknown>> = wanted.environment;
  return Object.keys(now)
    .filter((key) => !isDeepStrictEqual(before[key], now[key]))
    .join(' and ');
}

/** The result with one more pair; one of the same place in the plan, which proved nothing, is set aside. */
export function withPair(result: Result, pair: Pair): Result {
  const replaced = result.pairs.filter(({ index }) => index === pair.index);
  const others = result.pairs.filter(({ index }) => index !== pair.index);
  return {
    ...result,
    pairs: [...others, pair].sort((one, other) => one.index - other.index),
    discarded: [...result.discarded, ...replaced],
  };
}
