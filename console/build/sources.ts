/** What the page is made of, as one digest. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Files whose change makes another page: its own, those of ours that it imports, and the versions of all others. */
const patterns = [
  'console/{index.html,package.json,tsconfig.json,vite.config.ts}',
  'tsconfig.json',
  'console/src/**/*.{ts,tsx,css,svg}',
  '{control,grafana,packages/topology,packages/program-kit}/src/**/*.ts',
  'package-lock.json',
];

/** A digest of the sources of the page in the checkout at `root`: of every name and content. */
export function sourcesDigest(root: string): string {
  const hash = createHash('sha256');
  const files = globSync(patterns, { cwd: root }).filter((name) => !name.includes('.test.'));
  for (const name of files.sort()) {
    // the lengths mark where each file ends: bytes cannot move from one file to the next unnoticed
    const content = readFileSync(path.join(root, name));
    hash.update(`${name.length}:${name}:${content.length}:`).update(content);
  }
  return hash.digest('hex');
}
