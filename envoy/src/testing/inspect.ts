/** Looks into a configuration. */
import type { EnvoyBootstrap } from '../bootstrap.ts';
import type { Json } from '../json.ts';
import { asObject } from './mesh.ts';

/** What is at a path of keys and indices; `undefined` where the path leads nowhere. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return typeof inner === 'object' && inner !== null ? asObject(inner)[String(key)] : undefined;
  }, value);
}

/** The elements at a path. Throws when there is no list. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  if (!Array.isArray(found)) throw new TypeError(`There is no list at ${path.join('.')}`);
  return found;
}

/** The connection manager of the listener of that name. */
export function managerOf(config: EnvoyBootstrap, listener: string): unknown {
  const found = config.static_resources.listeners.find((candidate) => candidate['name'] === listener);
  return at(found, 'filter_chains', 0, 'filters', 0, 'typed_config');
}

/** The cluster of that name; `undefined` when there is none. */
export function clusterOf(config: EnvoyBootstrap, name: string): Json | undefined {
  return config.static_resources.clusters.find((candidate) => candidate['name'] === name);
}

/** A copy with another value at a path of keys and indices. */
export function withAt(value: unknown, path: readonly (string | number)[], replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  if (Array.isArray(value)) return value.with(Number(key), withAt(value[Number(key)], rest, replacement));
  const object = asObject(value);
  return { ...object, [key]: withAt(object[key] ?? {}, rest, replacement) };
}
