/** Where and of what it is measured. */
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
  const [commit, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain')]);
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory_mib: Math.round(os.totalmem() / 1024 ** 2),
    kernel: os.release(),
    node: process.version,
    servers,
    commit: commit ?? 'unknown',
    changed: changes !== '',
  };
}

/** What git says; `undefined` where there is none, as in a downloaded archive. */
async function git(...args: string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await execa('git', args, { cwd: repositoryRoot, reject: false });
  return exitCode === 0 ? stdout.trim() : undefined;
}
