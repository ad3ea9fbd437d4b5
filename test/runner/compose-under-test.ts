/** A mesh in containers of the tests' own: another project, other ports; nothing of it stays. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '@microshop/program-kit/errors';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { edgeAuthVariable, portNames, portOf, portVariable } from '@microshop/topology';
import { execa } from 'execa';
import { holderVariable, startHolder } from '../harness/compose-command.ts';
import { ended } from './ended.ts';
import { type Engine, findEngine, obtainImages, standinsVariable } from './engine.ts';
import { single, skipped, type Totals } from './totals.ts';

/** Name of the compose project, so that a mesh that is in use is not touched. */
const project = 'microshop-test';

/**
 * Its ports lie 4000 above the usual ones. Native meshes have the numbers 1 to 9, and 1000 above would meet theirs: 9090,
 * for one, is the first one's Prometheus. In between are ports that `fetch` refuses, such as 10080.
 */
const portsOfInstance = 41;

/** Time the mesh may take from nothing, builds included, milliseconds. */
const upLimitMs = 540_000;

const composeFile = path.join(repositoryRoot, 'docker-compose.yml');
const slimFile = path.join(repositoryRoot, 'deploy/compose-slim.yaml');

/** What makes every `docker compose` be about the project under test, whatever the `.env` of the checkout says. */
export function projectEnvironment(withGrafana: boolean): Record<string, string> {
  const ports = portNames.map((name): [string, string] => [
    portVariable(name),
    String(portOf(name, portsOfInstance, {})),
  ]);
  return {
    ...Object.fromEntries(ports),
    COMPOSE_PROJECT_NAME: project,
    COMPOSE_FILE: withGrafana ? composeFile : `${composeFile}:${slimFile}`,
    COMPOSE_ENV_FILES: '/dev/null',
    COMPOSE_PROFILES: '',
    [edgeAuthVariable]: '',
    MESH_TEST_MODE: 'compose',
  };
}

type Run = (args: readonly string[], quiet?: boolean) => Promise<{ ok: boolean; stdout: string }>;

/** Runs `docker`; an end of the run ends it, if a signal for that is given. */
function runner(env: NodeJS.ProcessEnv, signal?: AbortSignal): Run {
  return async (args, quiet = false) => {
    const { exitCode, stdout, stderr } = await execa('docker', args, {
      cwd: repositoryRoot,
      env,
      extendEnv: false,
      stdin: 'ignore',
      timeout: upLimitMs,
      reject: false,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    if (exitCode !== 0 && !quiet)
      process.stdout.write(`docker ${args.join(' ')} failed:\n${stdout}\n${stderr}\n`);
    return { ok: exitCode === 0, stdout };
  };
}

/**
 * The environment of a project whose images are there, or why there is none. Official images are pulled where a registry
 * answers, and Grafana is then part of the project; it has no stand-in.
 */
async function prepared(engine: Engine): Promise<NodeJS.ProcessEnv | string> {
  const withTools = (withGrafana: boolean) => ({
    ...projectEnvironment(withGrafana),
    COMPOSE_PROFILES: 'tools',
  });
  const from = await obtainImages(engine, withTools(true), withTools(false));
  if (typeof from === 'object') return from.none;
  return { ...engine.env, ...projectEnvironment(from === 'registry') };
}

async function bringUp(docker: Run): Promise<boolean> {
  const began = performance.now();
  if (!(await docker(['compose', 'build', '--quiet'])).ok) return false;
  const built = performance.now();
  const { ok } = await docker(['compose', 'up', '--detach', '--wait', '--pull', 'missing']);
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
  if (ok) {
    process.stdout.write(
      `built in ${seconds(began, built)} s, up and healthy in ${seconds(built, performance.now())} s\n`,
    );
  }
  return ok;
}

async function takeDown(docker: Run): Promise<void> {
  await docker(['compose', '--profile', '*', 'down', '--volumes', '--remove-orphans']);
}

/** Says which images of others are not the official ones. */
async function tellImages(docker: Run): Promise<void> {
  const used = (await docker(['compose', '--profile', '*', 'config', '--images'])).stdout.split('\n');
  const filter = ['--filter', 'label=compose-standin=true', '--format', '{{.Repository}}:{{.Tag}}'];
  const made = (await docker(['images', ...filter])).stdout.split('\n');
  const standins = [...new Set(used)].filter((image) => made.includes(image)).sort();
  process.stdout.write(
    standins.length === 0 ? 'with official images\n' : `with stand-ins for ${standins.join(', ')}\n`,
  );
}

async function keepLogs(docker: Run): Promise<void> {
  const directory = path.join(repositoryRoot, '.mesh');
  const file = path.join(directory, 'compose-test.log');
  await mkdir(directory, { recursive: true });
  await writeFile(file, (await docker(['compose', 'logs', '--no-color', '--timestamps'])).stdout);
  process.stdout.write(`The logs of the containers are in ${file}\n`);
}

/** Runs the work with that environment, and puts this process's own back. */
export async function within<T>(env: NodeJS.ProcessEnv, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/**
 * Brings the mesh that is up to what it is with those variables, and runs the work on it: only containers that the variables are
 * about are made again, which takes a third of the time of another mesh.
 */
export async function upAgain(
  variables: Record<string, string>,
  work: () => Promise<Totals>,
): Promise<Totals> {
  return await within(variables, async () => {
    const began = performance.now();
    const { ok } = await runner(process.env, ended)(['compose', 'up', '--detach', '--wait']);
    if (!ok) return single(false);
    const names = Object.keys(variables).join(', ');
    process.stdout.write(`up again with ${names} in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    return await work();
  });
}

/** Runs the work with one container for all its commands: to make one for each file took longer than most of their tests. */
async function withCommands(work: () => Promise<Totals>): Promise<Totals> {
  const holder = await startHolder();
  try {
    return await within({ [holderVariable]: holder.name }, work);
  } finally {
    await holder.end();
  }
}

/** Brings up a fresh mesh in containers, runs the work against it, and takes it down; tells why when it cannot. */
export async function onComposeMesh(work: () => Promise<Totals>): Promise<Totals> {
  const engine = await findEngine().catch((error: unknown) => messageOf(error));
  if (typeof engine === 'string') {
    process.stdout.write(`${standinsVariable} is set, but the engine did not start: ${engine}\n`);
    return single(false);
  }
  if (engine === undefined) {
    return skipped(`no container engine answers, and ${standinsVariable} names no stand-ins`);
  }
  try {
    const env = await prepared(engine);
    if (typeof env === 'string') return skipped(env);
    const docker = runner(env);
    await tellImages(docker);
    let totals = single(false);
    try {
      // what a run that was killed has left
      await takeDown(docker);
      if (await bringUp(runner(env, ended))) totals = await within(env, () => withCommands(work));
    } finally {
      if (totals.failed > 0) await keepLogs(docker);
      await takeDown(docker);
    }
    return totals;
  } finally {
    await engine.release();
  }
}
