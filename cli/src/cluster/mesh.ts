/** The mesh in a cluster as commands ask it: its addresses here, and what a change must show. One for the whole process. */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { controlDirectories } from '@microshop/deploy/container-paths';
import type { MeshAddresses } from '@microshop/program-kit/addresses';
import type { UnreachableError } from '@microshop/program-kit/http-json';
import { controlFiles } from '@microshop/program-kit/run-directory';
import { type NamedCluster, namedCluster } from '@microshop/program-kit/typed-here';
import { kubernetesPlacement } from '@microshop/topology';
import { type Connection, connect } from './connection.ts';
import { ClusterError, clusterError } from './errors.ts';
import { type Forward, openForward } from './forward.ts';
import { checkInstalled, nobodyOf, podsIn } from './shop.ts';

/** A mesh in a cluster. */
export interface ClusterMesh {
  readonly connection: Connection;
  /** Ways to its servers, opened with the first question; Jaeger's is where a person forwards it to. */
  readonly addresses: MeshAddresses;
  /** What a change shows to the control service. Throws `ClusterError`. */
  token(): Promise<string>;
  /** Why a part of that name was not reached; undefined when it was, or was not asked. */
  problemOf(part: string | undefined): ClusterError | undefined;
  close(): void;
}

let opened: Promise<ClusterMesh> | undefined;

/** The mesh in that cluster. Throws `UsageError` and `ClusterError` where there is none. */
export async function clusterMesh(named: NamedCluster | undefined = namedCluster()): Promise<ClusterMesh> {
  if (named === undefined) throw new Error('No cluster is named');
  opened ??= open(named);
  return await opened;
}

/** Ends every way into a cluster, so that the process can end. */
export async function closeClusterMesh(): Promise<void> {
  const mesh = await opened?.catch(() => undefined);
  opened = undefined;
  mesh?.close();
}

/** Why a part did not answer, as the cluster sees it; undefined where it sees nothing. */
export async function whyNotReached({ part }: UnreachableError): Promise<string | undefined> {
  const mesh = await opened?.catch(() => undefined);
  return mesh?.problemOf(part)?.message;
}

async function open(named: NamedCluster): Promise<ClusterMesh> {
  const connection = await connect(named);
  if ((await podsIn(connection)).length === 0) await checkInstalled(connection);
  const { gateway, control, prometheus, jaeger } = kubernetesPlacement();
  const forwards = new Map<string, Forward>();
  const way = async (part: string, port: number): Promise<string> => {
    const forward = await openForward(part, port, connection);
    forwards.set(part, forward);
    return forward.url;
  };
  let token: Promise<string> | undefined;
  return {
    connection,
    addresses: {
      gateway: await way('gateway', gateway.address.port),
      control: await way('control', control.port),
      prometheus: await way('prometheus', prometheus.port),
      jaeger: `http://127.0.0.1:${jaeger.query.port}`,
    },
    token: () => {
      token ??= readToken(connection);
      return token;
    },
    problemOf(part) {
      if (part !== undefined) return forwards.get(part)?.problem();
      return [...forwards.values()].map((forward) => forward.problem()).find((one) => one !== undefined);
    },
    close() {
      for (const forward of forwards.values()) forward.close();
    },
  };
}

/** The token of the control service, from its volume: it is made at each of its starts, and stands in no Secret. */
async function readToken(connection: Connection): Promise<string> {
  const { client, config, namespace } = connection;
  const pods = await podsIn(connection, 'control');
  const pod = pods.find(({ runs, ending }) => runs && !ending);
  if (pod === undefined) throw nobodyOf('control', pods, connection);
  const command = ['cat', `${controlDirectories.state}/${controlFiles.token}`];
  const [out, err] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(out), text(err)]);
  const ended = Promise.withResolvers<string | undefined>();
  try {
    const socket = await new client.Exec(config).exec(
      namespace,
      pod.name,
      'control',
      command,
      out,
      err,
      null,
      false,
      ({ status }) => ended.resolve(status),
    );
    socket.on('close', () => ended.resolve(undefined));
    const status = await ended.promise;
    socket.terminate();
    out.end();
    err.end();
    const [token, complaint] = await said;
    if (status === 'Success') return token.trim();
    throw new ClusterError(
      `The token of the control service cannot be read in ${pod.name}: ${complaint.trim() || 'the connection ended'}`,
    );
  } catch (error) {
    throw clusterError(error, 'create pods/exec', connection);
  }
}
