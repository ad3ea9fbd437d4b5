/** The services run by a test itself, in the place of the runner's, so that their environment is its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailed } from '@microshop/cli/output/errors';
import { appPart } from '@microshop/native/parts/apps';
import { repositoryRoot, runDirectory } from '@microshop/program-kit/run-directory';
import type { Placement } from '@microshop/topology';

/** Running services. */
export interface Apps {
  readonly pids: readonly number[];
  /** Ends them in order. */
  stop(): Promise<void>;
}

/** Time a service may take to be healthy, milliseconds. */
const startLimitMs = 120_000;

/** Starts every service of the placement with that environment besides the usual; ready when all are healthy. */
export async function startApps(
  placement: Placement,
  extra: Readonly<Record<string, string>>,
): Promise<Apps> {
  const directory = runDirectory(placement.instance);
  const parts = placement.pods.map((pod) =>
    appPart(
      {
        placement,
        directory: directory.path,
        root: repositoryRoot,
        tool: (name) => Promise.reject(new Error(`the services need no ${name}`)),
      },
      pod,
    ),
  );
  const log = openSync(path.join(directory.logs, 'apps.log'), 'a', 0o600);
  const children = await Promise.all(
    parts.map(async (part) => {
      const { file, args, env, cwd } = await part.process();
      return spawn(file, args, { env: { ...env, ...extra }, cwd, stdio: ['ignore', log, log] });
    }),
  ).finally(() => closeSync(log));
  const running = () => children.filter((child) => child.exitCode === null && child.signalCode === null);
  const stop = async () => {
    await Promise.all(
      running().map(async (child) => {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }),
    );
  };
  const end = performance.now() + startLimitMs;
  for (const part of parts) {
    while (!(await Promise.resolve(part.healthy(AbortSignal.timeout(2000))).catch(() => false))) {
      if (performance.now() > end || running().length < children.length) {
        await stop();
        throw new CommandFailed(
          `${part.name} did not become healthy; .mesh/${placement.instance}/logs/apps.log`,
        );
      }
      await delay(50);
    }
  }
  return { stop, pids: children.flatMap(({ pid }) => pid ?? []) };
}
