/** The container engine for tests: the machine's own, or one that stand-in scripts start for the time of the test. */
import path from 'node:path';
import { startProvisioning } from '@microshop/native/tools/index';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';

/** Variable that names a directory with `up.sh`, `images.sh` and `down.sh`: an engine and images where there are none. */
export const standinsVariable = 'MESH_COMPOSE_STANDINS';

/** An engine that answers. */
export interface Engine {
  /** Whether images can be made locally under the official names (`images.sh`). */
  readonly standins: string | undefined;
  /** Environment in which `docker` reaches it. */
  readonly env: NodeJS.ProcessEnv;
  /** Stops what was started for the test. */
  release(): Promise<void>;
}

/** Whether an engine answers to `docker` there. */
async function answers(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { exitCode } = await execa('docker', ['info'], {
    env,
    extendEnv: false,
    reject: false,
    timeout: 20_000,
  });
  return exitCode === 0;
}

/** Runs one of the scripts; its output is shown, its standard output is returned. Throws when it fails. */
async function script(
  directory: string,
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { stdout } = await execa(path.join(directory, name), args, {
    cwd: repositoryRoot,
    env,
    extendEnv: false,
    stdin: 'ignore',
    stderr: 'inherit',
  });
  return stdout;
}

/** The environment after a file has been sourced. */
async function sourced(file: string, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await execa('bash', ['-c', '. "$1" && env -0', 'bash', file], { env, extendEnv: false });
  const pairs = stdout.split('\0').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

/**
 * An engine: one that answers already, else one that the scripts of {@link standinsVariable} start; `undefined` when there
 * is neither. Throws when the scripts fail.
 */
export async function findEngine(env: NodeJS.ProcessEnv = process.env): Promise<Engine | undefined> {
  const standins = env[standinsVariable] || undefined;
  const nothing = async () => undefined;
  if (await answers(env)) return { standins, env, release: nothing };
  if (standins === undefined) return undefined;
  const directory = path.resolve(repositoryRoot, standins);
  const file = (await script(directory, 'up.sh', [], env)).trim().split('\n').at(-1) ?? '';
  return {
    standins: directory,
    env: await sourced(file, env),
    release: async () => void (await script(directory, 'down.sh', [], env)),
  };
}

/** Makes the images of the project that the engine does not have. Throws when one is missing afterwards. */
export async function makeStandins(standins: string, env: NodeJS.ProcessEnv): Promise<void> {
  const directory = path.resolve(repositoryRoot, standins);
  const jaeger = await startProvisioning(['jaeger'], { onEvent: () => undefined }).tool('jaeger');
  // tells the scripts which engine the images are for; it starts none where one answers
  await script(directory, 'up.sh', [], env);
  await script(directory, 'images.sh', ['.'], { ...env, JAEGER_BIN: jaeger.path });
}
