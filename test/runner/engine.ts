/** The container engine for tests: the machine's own, or one that stand-in scripts start for the time of the test. */
import path from 'node:path';
import { startProvisioning } from '@microshop/native/tools/index';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { execa } from 'execa';
import { ended } from './ended.ts';

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

/** Runs one of the scripts; its output is shown, its standard output is returned. Throws when it fails, or `signal` ends it. */
async function script(
  directory: string,
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string> {
  const { stdout } = await execa(path.join(directory, name), args, {
    cwd: repositoryRoot,
    env,
    extendEnv: false,
    stdin: 'ignore',
    stderr: 'inherit',
    ...(signal === undefined ? {} : { cancelSignal: signal }),
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

/** Makes the images of the project that the engine does not have. Throws when one is missing afterwards, or the run is to end. */
async function makeStandins(standins: string, env: NodeJS.ProcessEnv): Promise<void> {
  const directory = path.resolve(repositoryRoot, standins);
  const jaeger = await startProvisioning(['jaeger'], { onEvent: () => undefined }).tool('jaeger');
  // tells the scripts which engine the images are for; it starts none where one answers
  await script(directory, 'up.sh', [], env);
  await script(directory, 'images.sh', ['.'], { ...env, JAEGER_BIN: jaeger.path }, ended);
}

/** Time in which images are pulled, milliseconds. */
const pullLimitMs = 540_000;

/** The images of a project: the official ones, those that the scripts make, or why there are neither. */
export type ImagesFrom = 'registry' | 'scripts' | { readonly none: string };

/**
 * Has the images of others that a project needs in the engine: pulled where a registry answers, with the variables of the project that
 * is then run; else made. Throws when one that is made is missing afterwards.
 */
export async function obtainImages(
  { env, standins }: Engine,
  pulled: Readonly<Record<string, string>>,
  made: Readonly<Record<string, string>>,
): Promise<ImagesFrom> {
  const args = ['compose', 'pull', '--quiet', '--ignore-buildable', '--policy', 'missing'];
  const { failed } = await execa('docker', args, {
    cwd: repositoryRoot,
    env: { ...env, ...pulled },
    extendEnv: false,
    stdin: 'ignore',
    timeout: pullLimitMs,
    reject: false,
    cancelSignal: ended,
  });
  if (!failed) return 'registry';
  if (standins === undefined) return { none: 'an engine answers, but the images cannot be pulled' };
  await makeStandins(standins, { ...env, ...made });
  return 'scripts';
}
