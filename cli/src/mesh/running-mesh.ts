/** The mesh a command asks: where it is, and why something of it does not answer. */

import { NotRunningError } from '@microshop/native/supervision/supervisor-client';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { type MeshAddresses, meshAddresses } from '@microshop/program-kit/addresses';
import { messageOf } from '@microshop/program-kit/errors';
import { trustGateway } from '@microshop/program-kit/gateway-trust';
import { EndedError, UnknownNameError, UnreachableError } from '@microshop/program-kit/http-json';
import { certificatesIn } from '@microshop/program-kit/run-directory';
import {
  inContainers,
  namedCluster,
  onKubernetes,
  quoted,
  typedForContainers,
  type Words,
  wordsHere,
} from '@microshop/program-kit/typed-here';
import { composePlacement } from '@microshop/topology';
import { composeRuns } from '../compose/project.ts';
import { CommandFailed } from '../output/errors.ts';
import { type ControlClient, controlClient } from './control-client.ts';
import { asUsage, type MeshSettings, meshSettings } from './settings.ts';
import { stillBuilt } from './status-lines.ts';

/** Thrown on the host when the mesh runs in containers of this checkout's compose project, and not as local processes. */
export class RunsInContainersError extends CommandFailed {
  override readonly name: string = 'RunsInContainersError';

  constructor(args: readonly string[] = process.argv.slice(2)) {
    const typed = ['./mesh', ...args.map(quoted)];
    super(
      `The mesh runs in containers, as this checkout's compose project. Use:\n${typedForContainers(typed.join(' '), 'compose')}`,
    );
  }
}

/** Whether the mesh of that number is the one that the compose project stands for, and that runs. */
export async function standsInContainers(instance: number): Promise<boolean> {
  return instance === composePlacement().instance && (await composeRuns());
}

/**
 * What a command throws that finds no runner: {@link RunsInContainersError}, else `NotRunningError`, which names what a
 * killed runner left.
 */
export async function notRunningHere({ client, instance }: MeshSettings): Promise<CommandFailed> {
  const left = client.left().map(({ name }) => name);
  if (left.length === 0 && (await standsInContainers(instance))) return new RunsInContainersError();
  return new NotRunningError(instance, left);
}

/**
 * Where the running mesh is, whose gateway this process verifies from here on: as its runner says, whatever `MESH_PORT_…` says here and now. In a container by the environment; of
 * a cluster the ways into it. Throws what {@link notRunningHere} gives, `UsageError` for a wrong variable or name, and
 * `ClusterError`.
 */
export async function runningMesh(): Promise<MeshAddresses> {
  const cluster = namedCluster();
  if (cluster !== undefined) {
    // imported on demand: other commands do not need the Kubernetes client
    const { clusterMesh } = await import('../cluster/mesh.ts');
    return (await clusterMesh(cluster)).addresses;
  }
  const byEnvironment = asUsage(() => meshAddresses());
  if (inContainers()) return await verifying(byEnvironment);
  const settings = meshSettings();
  const place = await settings.client.place();
  if (place !== undefined) {
    const { gateway, jaeger, prometheus, control } = { ...byEnvironment, ...place.urls };
    return await verifying({ gateway, jaeger, prometheus, control });
  }
  throw await notRunningHere(settings);
}

/** The same addresses; from here on this process verifies a gateway that is asked over TLS. */
async function verifying(addresses: MeshAddresses): Promise<MeshAddresses> {
  if (addresses.gateway.startsWith('https:')) await trustGateway(certificatesIn());
  return addresses;
}

/** The control service of the running mesh. Throws as {@link runningMesh} does. */
export async function runningControl(): Promise<ControlClient> {
  return controlClient((await runningMesh()).control);
}

/** The same; `undefined` when the mesh is stopped, whose faults and policies are changed on disk. */
export async function controlUnlessStopped(): Promise<ControlClient | undefined> {
  try {
    return await runningControl();
  } catch (error) {
    if (error instanceof NotRunningError && error.left.length === 0) return undefined;
    throw error;
  }
}

/** A sentence about one part that is not healthy, with what to do. */
function sentence(part: MeshStatus['parts'][number]): string {
  const { name, state } = part;
  const built = stillBuilt(part);
  if (built !== undefined) return built;
  if (state === 'stopped') return `${name} is stopped; start it with ./mesh start ${name}`;
  return `${name} ${state === 'running' ? 'is not healthy' : `is ${state}`}; ./mesh status shows more`;
}

/** The message about a change that parts have not applied, by what the runner knows of them; containers have no runner. */
export function notInForce(waiting: readonly string[], status: MeshStatus | undefined): string {
  const why = waiting.map((name) => {
    const part = status?.parts.find((one) => one.name === name);
    if (part !== undefined && !part.healthy) return sentence(part);
    if (part !== undefined)
      return `${name} is healthy and did not report it; ./mesh logs ${name} may show why`;
    if (onKubernetes()) return `${name} did not report it; ./mesh status shows its pod`;
    return `${name} did not report it; if it does not run, start it with ./mesh start ${name}`;
  });
  return [`Not in effect at ${waiting.join(', ')}; applied at the next start`, ...why].join('\n');
}

/** What the runner knows of the mesh; `undefined` when it does not answer, and for containers and clusters, which have none. */
export async function statusIfAnswered(): Promise<MeshStatus | undefined> {
  if (wordsHere() !== undefined) return undefined;
  return await meshSettings()
    .client.status()
    .catch(() => undefined);
}

/** The likely reason why a part ended during a request: it ran out of memory (exit code 137). */
function ended({ message, part = 'a part' }: EndedError): string {
  const words = wordsHere();
  const look = words === undefined ? `./mesh logs ${part}` : `${words.logs(part)}; ${words.memory}`;
  return `${message}. If it was not stopped on purpose, it was killed, most likely out of memory:\n${look}`;
}

/** The same in a container, which sees only that a name is unknown. */
function whyNoAnswer(error: UnreachableError, { start, list }: Words): string {
  const { part = 'the part' } = error;
  return error instanceof UnknownNameError
    ? `${part} does not run; start it with ${start(part)}`
    : `${error.message}; ${list} shows what runs`;
}

/** Why a part did not answer, by what the runner knows of a mesh. `error.part` is asked for first. */
export function whyUnreachable(error: UnreachableError, status: MeshStatus | undefined): string {
  if (error instanceof EndedError) return ended(error);
  const words = wordsHere();
  if (words !== undefined) return whyNoAnswer(error, words);
  const unwell = status?.parts.filter(({ healthy }) => !healthy) ?? [];
  const named = unwell.filter(({ name }) => name === error.part);
  // a part that answers may report that one behind it does not
  const blamed = error.part === undefined ? unwell : named;
  if (blamed.length > 0) return blamed.map(sentence).join('\n');
  return `${messageOf(error)}; ./mesh status shows what runs`;
}

/** The message for people about anything thrown: one sentence for a mesh that does not run, one for a stopped part. */
export async function explanationOf(error: unknown): Promise<string> {
  if (!(error instanceof UnreachableError)) return messageOf(error);
  if (namedCluster() !== undefined) {
    const { whyNotReached } = await import('../cluster/mesh.ts');
    return (await whyNotReached(error)) ?? whyUnreachable(error, undefined);
  }
  const status = await statusIfAnswered();
  return status?.state === 'starting'
    ? 'The mesh is still starting; ./mesh status shows how far it is'
    : whyUnreachable(error, status);
}
