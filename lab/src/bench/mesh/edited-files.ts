/** Envoys of another configuration: the files they watch are written a second time, edited, to a directory of their own. */
import path from 'node:path';
import { type Json, type JsonObject, splitConfigs } from '@microshop/envoy';
import { jsonText } from '@microshop/program-kit/json-file';
import { putFiles, usualAccess } from '@microshop/program-kit/whole-file';
import { dynamicDirectory, type Placement } from '@microshop/topology';

/** An edit of a configuration. */
export interface EnvoyEdit {
  /** What it takes out. */
  readonly takes: string;
  /** An object without it; the same one where there is none. */
  without(one: JsonObject): JsonObject;
}

/** The value with the edit made in each object of it, and in how many there was something to take out. */
export function edited(
  value: Json,
  { without }: EnvoyEdit,
): { readonly value: Json; readonly taken: number } {
  let taken = 0;
  const edit = (one: Json): Json => {
    if (typeof one !== 'object' || one === null) return one;
    if (isList(one)) return one.map(edit);
    const left = without(one);
    if (left !== one) taken += 1;
    return Object.fromEntries(Object.entries(left).map(([key, of]) => [key, edit(of)]));
  };
  return { value: edit(value), taken };
}

/** Whether it is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * Writes what the Envoys of the placement watch, with the edits, below `directory`. JSON is YAML, too. Throws when there was nothing
 * to take out of the configuration of an Envoy: nothing would be compared.
 */
export async function writeEdited(
  placement: Placement,
  directory: string,
  edits: readonly EnvoyEdit[],
): Promise<void> {
  const files = new Map<string, string>();
  for (const [part, split] of Object.entries(splitConfigs(placement))) {
    const taken = edits.map(() => 0);
    for (const [name, file] of Object.entries(split.files)) {
      let value: Json = file;
      for (const [index, edit] of edits.entries()) {
        const done = edited(value, edit);
        value = done.value;
        taken[index] = (taken[index] ?? 0) + done.taken;
      }
      if (typeof value !== 'object' || value === null) continue;
      files.set(path.join(dynamicDirectory, part, name), jsonText(value));
    }
    const idle = edits.find((_, index) => taken[index] === 0);
    if (idle !== undefined) {
      throw new Error(`The configuration of ${part} has no ${idle.takes} to leave out`);
    }
  }
  await putFiles(directory, files, usualAccess);
}
