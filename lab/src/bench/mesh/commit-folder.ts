/** The code of another commit in a folder of its own, so that both can be started in turns. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '@microshop/cli/output/errors';
import { commitsDirectory, repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';

/** A commit whose files are there. */
export interface CommitFolder {
  /** All 40 digits. */
  readonly commit: string;
  readonly folder: string;
}

/**
 * Writes the files of that commit below `.mesh/commits/`, once: delete the folder to have it written again. Where both have
 * the same locked dependencies, they are linked, file by file; else its `./mesh` installs them when it is first called.
 * Throws `UsageError` for what git does not know as a commit.
 */
export async function folderOfCommit(named: string, root = repositoryRoot): Promise<CommitFolder> {
  const found = await execa(
    'git',
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${named}^{commit}`],
    { cwd: root, reject: false },
  );
  if (found.exitCode !== 0) throw new UsageError(`git has no commit "${named}" in ${root}`);
  const commit = found.stdout.trim();
  const folder = path.join(commitsDirectory(root), commit.slice(0, 12));
  if (existsSync(folder)) return { commit, folder };
  // renamed into place: a folder that is half written would pass for the commit
  const part = `${folder}.${process.pid}`;
  try {
    await mkdir(part, { recursive: true });
    await execa('git', ['archive', '--format=tar', commit], { cwd: root }).pipe('tar', ['-x', '-C', part]);
    const lockOf = (of: string) => readFile(path.join(of, 'package-lock.json'), 'utf8');
    if ((await lockOf(root)) === (await lockOf(part))) {
      await execa('cp', ['-al', path.join(root, 'node_modules'), part]);
    }
    await rename(part, folder);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return { commit, folder };
}
