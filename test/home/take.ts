/** Takes a package home as its README says: in an empty folder outside of the checkout, block by block. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import { blocksOf, isOutput } from './readme.ts';

/** The checkout, absolute. */
export const checkout = path.resolve(import.meta.dirname, '../..');

/** A folder in which packages are taken, each into a folder of its own. */
export interface Home {
  /**
   * Does what the README of that folder of the checkout says, with these variables: its commands run, its TypeScript
   * compiles, its outputs come. Returns all that was printed.
   */
  take(folder: string, env: Readonly<Record<string, string>>): Promise<string>;
}

/** What the reader has before. */
const ownPackage = { private: true, type: 'module', workspaces: ['packages/*'] };

/** `npm install` links what is installed here; everything else is the reader's own shell. */
const prelude = `set -eu
npm() { [ "$1" = install ]; shift; node "$INSTALL" "$MICROSHOP" "$@"; }
`;

/** Time the commands of one block may take, milliseconds. */
const blockLimitMs = 180_000;

/** Makes a home; it is removed after the test. */
export async function newHome(t: TestContext): Promise<Home> {
  const root = await mkdtemp(path.join(tmpdir(), 'mesh-home-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  // declarations of types are no part of what runs: the checkout's serve all
  await mkdir(path.join(root, 'node_modules'));
  await symlink(path.join(checkout, 'node_modules/@types'), path.join(root, 'node_modules/@types'));

  async function shell(directory: string, commands: string, env: Readonly<Record<string, string>>) {
    const { all, exitCode } = await execa('sh', ['-c', `${prelude}${commands}`], {
      cwd: directory,
      env: {
        ...env,
        PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        HOME: directory,
        MICROSHOP: checkout,
        INSTALL: path.join(import.meta.dirname, 'install.ts'),
      },
      extendEnv: false,
      stdin: 'ignore',
      timeout: blockLimitMs,
      all: true,
      reject: false,
    });
    assert.equal(exitCode, 0, `${commands}\n${all}`);
    return all;
  }

  async function compile(directory: string, files: readonly string[]): Promise<void> {
    const project = path.join(directory, 'tsconfig.json');
    await writeFile(
      project,
      JSON.stringify({ extends: path.join(checkout, 'tsconfig.json'), files, include: [] }),
    );
    const tsc = path.join(checkout, 'node_modules/typescript/bin/tsc');
    const { all, exitCode } = await execa(process.execPath, [tsc, '-p', project], {
      all: true,
      reject: false,
    });
    assert.equal(exitCode, 0, all);
  }

  return {
    async take(folder, env) {
      const directory = path.join(root, path.basename(folder));
      await mkdir(directory);
      await writeFile(path.join(directory, 'package.json'), JSON.stringify(ownPackage));
      const markdown = await readFile(path.join(checkout, folder, 'README.md'), 'utf8');
      const sources: string[] = [];
      let printed = '';
      let last = '';
      for (const { language, file, text } of blocksOf(markdown)) {
        if (language === 'sh') {
          last = await shell(directory, text, env);
          printed += last;
        } else if (language === 'text') {
          assert.ok(isOutput(text.trim(), last.trim()), `The README shows\n${text}\nbut it printed\n${last}`);
          last = '';
        } else if (file !== undefined) {
          const written = path.join(directory, file);
          await mkdir(path.dirname(written), { recursive: true });
          await writeFile(written, text);
          if (language === 'ts') sources.push(written);
        }
      }
      assert.equal(last.trim(), '', 'The README does not show what its last commands print');
      await compile(directory, sources);
      return printed;
    },
  };
}
