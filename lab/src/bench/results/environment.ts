/** Where and of what it is measured. */
import os from 'node:os';
import { everyTool } from '@microshop/native/tools/index';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';
import type { Environment } from './schemas.ts';

/** Reads it; makes what servers are missing. */
export async function readEnvironment(): Promise<Environment> {
  const tools = await everyTool();
  const [commit, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain')]);
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memory_mib: Math.round(os.totalmem() / 1024 ** 2),
    kernel: os.release(),
    node: process.version,
    servers: Object.fromEntries(tools.map(({ name, version }) => [name, version])),
    commit: commit ?? 'unknown',
    changed: changes !== '',
  };
}

/** What git says; `undefined` where there is none, as in a downloaded archive. */
async function git(...args: string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await execa('git', args, { cwd: repositoryRoot, reject: false });
  return exitCode === 0 ? stdout.trim() : undefined;
}
