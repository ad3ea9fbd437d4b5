/** A copy of the checkout: for a test that changes it. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './command.ts';

const run = promisify(execFile);

/** What is ours in `node_modules`: links to workspaces, by a path that leads into the copy there. */
const ours = '@microshop';

/** The copy. */
export interface Copy {
  readonly directory: string;
  /** Paths that differ from what was copied, as `git status --short` says: ` M file`, `?? folder/`. */
  changes(): Promise<string[]>;
  remove(): Promise<void>;
}

/** Copies the files of the checkout that git knows or would take; packages of others are links to the checkout's. */
export async function copyOfCheckout(): Promise<Copy> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'microshop-'));
  const git = async (cwd: string, ...args: readonly string[]) =>
    (await run('git', args, { cwd, maxBuffer: 16 * 1024 * 1024 })).stdout;

  const names = await git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
  for (const name of new Set(names.split('\0').filter((one) => one !== ''))) {
    const target = path.join(directory, name);
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(path.join(root, name), target).catch((error: NodeJS.ErrnoException) => {
      // deleted, and not committed yet
      if (error.code !== 'ENOENT') throw error;
    });
  }

  const modules = path.join(root, 'node_modules');
  const copied = path.join(directory, 'node_modules');
  await mkdir(path.join(copied, ours), { recursive: true });
  for (const name of await readdir(modules)) {
    if (name === ours || name === '.cache') continue;
    if (name === '.mesh-lock') await copyFile(path.join(modules, name), path.join(copied, name));
    else await symlink(path.join(modules, name), path.join(copied, name));
  }
  for (const name of await readdir(path.join(modules, ours))) {
    await symlink(await readlink(path.join(modules, ours, name)), path.join(copied, ours, name));
  }

  await git(directory, 'init', '--quiet');
  await git(directory, 'add', '--all');
  const nobody = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  await git(directory, ...nobody, 'commit', '--quiet', '--no-verify', '--message', 'copy');
  return {
    directory,
    changes: async () => {
      const lines = (await git(directory, 'status', '--short')).split('\n');
      return lines.filter((line) => line !== '').sort();
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
