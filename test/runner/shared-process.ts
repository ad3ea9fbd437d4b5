/** Which files of tests can run in one process: loading the same modules again for each costs more than most of their tests. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Modules of Node that leave nothing behind in a process, neither a handle nor a setting; a server is closed by its test. */
const harmless: readonly string[] = [
  ...['assert/strict', 'crypto', 'events', 'fs', 'fs/promises', 'http', 'net', 'os', 'path'],
  ...['stream', 'test', 'url', 'util'],
];

/** What `node:test` gives that is about the tests of a file only; a hook at its top would be one of every file. */
const ofTheFile: readonly string[] = ['describe', 'it', 'suite', 'test', 'TestContext'];

/** How many files a process gets, at most: a file that cannot be loaded takes those with it. */
const mostFiles = 30;

const imports = /^import (?:type )?([^;]*?) from 'node:([^']+)';$/gm;

/** Whether the tests of that source leave their process as they found it, as far as its text tells. */
export function canShare(source: string): boolean {
  for (const [, names = '', module = ''] of source.matchAll(imports)) {
    if (!harmless.includes(module)) return false;
    const named = names.match(/\w+/g)?.filter((name) => name !== 'type') ?? [];
    if (module === 'test' && !named.every((name) => ofTheFile.includes(name))) return false;
  }
  // traces and metrics go to one receiver in a process, set before anything is measured
  if (/ from '[^']*telemetry[^']*';/.test(source)) return false;
  // variables, signals and clocks belong to the process, and so do its figures
  return !/\b(?:process\.(?!execPath\b|getgid\b)|mock\b|globalThis\b|setTimeout\b|setInterval\b)/.test(
    source,
  );
}

/** Files to be run in place of those given. */
export interface Shared {
  readonly files: readonly string[];
  /** Removes what was written for it. */
  remove(): Promise<void>;
}

/** Which files share processes: those that can as far as their text tells, or all, which then know of each other. */
export type Sharing = 'those that can' | 'all';

/** Puts those of the files that share a process into files that load several; the others stay as they are. */
export async function shared(files: readonly string[], which: Sharing = 'those that can'): Promise<Shared> {
  const together = files.filter((file) => which === 'all' || canShare(readFileSync(file, 'utf8')));
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-tests-'));
  const count = Math.ceil(together.length / mostFiles);
  const size = Math.ceil(together.length / Math.max(1, count));
  const made = Array.from({ length: count }, async (_, index) => {
    const entry = path.join(directory, `together-${index + 1}.test.mjs`);
    const ofThis = together.slice(index * size, (index + 1) * size);
    // all are loaded before the first of them runs: no test meets a process that is busy loading
    await writeFile(entry, ofThis.map((file) => `import ${JSON.stringify(file)};\n`).join(''));
    return entry;
  });
  return {
    files: [...(await Promise.all(made)), ...files.filter((file) => !together.includes(file))],
    remove: () => rm(directory, { recursive: true }),
  };
}
