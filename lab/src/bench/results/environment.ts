/** Where and of what it is measured. */
import { createHash } from 'node:crypto';
import os from 'node:os';
import { images } from '@microshop/deploy/images';
import { everyTool } from '@microshop/native/tools/index';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { inContainers } from '@microshop/program-kit/typed-here';
import { execa } from 'execa';
import type { Environment } from './schemas.ts';

/** Version of each server: what the images say in a container; natively what runs, and what is missing is made. */
async function serverVersions(): Promise<Record<string, string>> {
  if (!inContainers()) {
    return Object.fromEntries((await everyTool()).map(({ name, version }) => [name, version]));
  }
  return Object.fromEntries(
    Object.entries(images).map(([name, { image }]) => [name, image.slice(image.indexOf(':') + 1)]),
  );
}

/** Reads it; makes what servers are missing natively. */
export async function readEnvironment(): Promise<Environment> {
  const servers = await serverVersions();
  const code = await readCode();
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory_mib: Math.round(os.totalmem() / 1024 ** 2),
    kernel: os.release(),
    node: process.version,
    servers,
    ...code,
  };
}

/**
 * Reads of which code a folder is. The digest tells two states of it apart in which nothing is committed: what was measured of one is
 * no result of the other.
 */
export async function readCode(
  root = repositoryRoot,
): Promise<Pick<Environment, 'commit' | 'changed' | 'changes'>> {
  // what git says; `undefined` where there is none, as in a downloaded archive
  const git = async (args: readonly string[], input = ''): Promise<string | undefined> => {
    const { exitCode, stdout } = await execa('git', args, { cwd: root, reject: false, input });
    return exitCode === 0 ? stdout : undefined;
  };
  const [commit, status] = await Promise.all([git(['rev-parse', 'HEAD']), git(['status', '--porcelain'])]);
  const code = { commit: commit ?? 'unknown', changed: status !== '' };
  if (commit === undefined || status === undefined || status === '') return code;
  const [differs, added] = await Promise.all([
    git(['diff', 'HEAD', '--binary', '--no-ext-diff', '--no-textconv']),
    git(['ls-files', '--others', '--exclude-standard']),
  ]);
  const contents = await git(['hash-object', '--stdin-paths'], added);
  const all = [differs, added, contents].join('\n');
  return { ...code, changes: createHash('sha256').update(all).digest('hex').slice(0, 12) };
}
