/** Envoys without tracing: the files they watch are written a second time, without it, to a directory of their own. */
import path from 'node:path';
import { splitConfigs } from '@microshop/envoy';
import { jsonText } from '@microshop/program-kit/json-file';
import { putFiles, usualAccess } from '@microshop/program-kit/whole-file';
import { dynamicDirectory, type Placement } from '@microshop/topology';

/** A JSON value. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The value without the field `tracing` of the connection managers in it, and how many had one. */
export function withoutTracing(value: Json): { readonly value: Json; readonly taken: number } {
  let taken = 0;
  const isManager = (type: Json | undefined) =>
    typeof type === 'string' && type.endsWith('.HttpConnectionManager');
  const strip = (one: Json): Json => {
    if (typeof one !== 'object' || one === null) return one;
    if (isList(one)) return one.map(strip);
    const manager = isManager(one['@type']);
    if (manager && 'tracing' in one) taken += 1;
    return Object.fromEntries(
      Object.entries(one).flatMap(([key, of]) => (manager && key === 'tracing' ? [] : [[key, strip(of)]])),
    );
  };
  return { value: strip(value), taken };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * Writes what the Envoys of the placement watch, without tracing, below `directory`. JSON is YAML, too. Throws when an Envoy
 * had no tracing: nothing would be compared.
 */
export async function writeUntraced(placement: Placement, directory: string): Promise<void> {
  const files = new Map<string, string>();
  for (const [part, split] of Object.entries(splitConfigs(placement))) {
    let taken = 0;
    for (const [name, content] of Object.entries(split.files)) {
      const stripped = withoutTracing(content);
      taken += stripped.taken;
      if (typeof stripped.value !== 'object' || stripped.value === null) continue;
      files.set(path.join(dynamicDirectory, part, name), jsonText(stripped.value));
    }
    if (taken === 0) throw new Error(`The configuration of ${part} has no tracing to leave out`);
  }
  await putFiles(directory, files, usualAccess);
}
