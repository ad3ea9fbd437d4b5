/** The workspaces of the checkout, and which of them a program needs beside it. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** The checkout, absolute. */
export const checkout = path.resolve(import.meta.dirname, '../..');

const manifestSchema = Type.Object({
  name: Type.String(),
  workspaces: Type.Optional(Type.Array(Type.String())),
  dependencies: Type.Optional(Type.Record(Type.String(), Type.String())),
});

function manifestOf(folder: string) {
  const text = readFileSync(path.join(checkout, folder, 'package.json'), 'utf8');
  return Value.Parse(manifestSchema, JSON.parse(text));
}

/** The exact version in which the checkout depends on a package. Throws when it does not. */
export function dependencyVersion(name: string): string {
  const version = manifestOf('.').dependencies?.[name];
  if (version === undefined) throw new Error(`package.json has no dependency ${name}`);
  return version;
}

/**
 * Folders of those workspaces and of every workspace they depend on, sorted. What only their tests need is left out. Throws
 * when a folder is no workspace.
 */
export function neededWorkspaces(folders: readonly string[]): readonly string[] {
  const { workspaces = [] } = manifestOf('.');
  const all = globSync(
    workspaces.map((pattern) => `${pattern}/package.json`),
    { cwd: checkout },
  );
  const manifests = new Map(all.map(path.dirname).map((folder) => [folder, manifestOf(folder)]));
  const folderOf = new Map([...manifests].map(([folder, { name }]) => [name, folder]));
  const needed = new Set<string>();
  const add = (folder: string): void => {
    if (needed.has(folder)) return;
    const manifest = manifests.get(folder);
    if (manifest === undefined) throw new Error(`${folder} is not a workspace`);
    needed.add(folder);
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const dependency = folderOf.get(name);
      if (dependency !== undefined) add(dependency);
    }
  };
  for (const folder of folders) add(folder);
  return [...needed].sort();
}
