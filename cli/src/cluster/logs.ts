/** What the containers of the shop in a cluster have written, as its nodes keep it. */
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogOptions } from '@kubernetes/client-node';
import { inTime, type LogLine, lineOfTrace, mentionOf, placingTrace } from '@microshop/control/logs/lines';
import { UnknownPartError } from '@microshop/native/supervision/supervisor';
import { CommandFailed } from '../output/errors.ts';
import { passOn } from '../output/output.ts';
import type { Connection } from './connection.ts';
import { clusterError, placeText, refusalIn } from './errors.ts';
import { clusterMesh } from './mesh.ts';
import { podsIn, type ShopPod } from './shop.ts';

/** Pause between two checks for new pods while their logs are followed, milliseconds. */
const checkEveryMs = 1000;

/** Containers beside the one that a part is named for, by what is added to its name. */
const beside: Readonly<Record<string, string>> = { envoy: '-sidecar', agent: '-agent' };

/** A log: of one container, from its last start. */
export interface Source {
  readonly pod: string;
  readonly container: string;
  readonly restarts: number;
  /** Name for all pods of a part: `orders-sidecar`. */
  readonly ofPart: string;
  /** Name for that of one pod: `orders-56ccdf7c-x2k4j-sidecar`. */
  readonly ofPod: string;
}

/** The logs of these pods that there are yet. */
export function sourcesOf(pods: readonly ShopPod[]): readonly Source[] {
  return pods.flatMap(({ part, name: pod, containers }) =>
    containers
      .filter(({ started }) => started)
      .map(({ name: container, restarts }) => {
        // the gateway is an Envoy without an app
        const added = part === 'gateway' && container === 'envoy' ? '' : (beside[container] ?? '');
        return { pod, container, restarts, ofPart: part + added, ofPod: pod + added };
      }),
  );
}

/** Those that a person means by that name: of all pods of a part, or of one pod. Throws `UnknownPartError` when none is. */
export function sourcesNamed(name: string, sources: readonly Source[]): readonly Source[] {
  const meant = sources.filter(({ ofPart, ofPod }) => ofPart === name || ofPod === name);
  if (meant.length > 0) return meant;
  throw new UnknownPartError(name, [...new Set(sources.map(({ ofPart }) => ofPart))].sort());
}

/**
 * The lines of a log as they come; `follow` goes on until the container ends. `onOpen` is given what breaks it off. Throws
 * `ClusterError`.
 */
export async function* linesOf(
  { pod, container }: Pick<Source, 'pod' | 'container'>,
  connection: Connection,
  options: LogOptions = {},
  onOpen: (reading: AbortController) => void = () => undefined,
): AsyncGenerator<string> {
  const { client, config, namespace } = connection;
  const stream = new PassThrough();
  let broken: unknown;
  // the client handles no errors of this stream; unhandled, one would end the process
  stream.once('pipe', (body) => {
    body.once('error', (error) => {
      if (error.name !== 'AbortError') broken = error;
      stream.end();
    });
  });
  try {
    onOpen(await new client.Log(config).log(namespace, pod, container, stream, options));
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
    if (broken !== undefined) throw broken;
  } catch (error) {
    // a pod that was deleted meanwhile has no log
    if (refusalIn(error)?.status === 404) return;
    throw clusterError(error, 'get pods/log', connection);
  }
}

/** What is picked from all lines of all containers. */
async function picked<T>(
  connection: Connection,
  pick: (part: string, text: string) => T | undefined,
): Promise<T[]> {
  const found = await Promise.all(
    sourcesOf(await podsIn(connection)).map(async (source) => {
      const ofOne: T[] = [];
      for await (const line of linesOf(source, connection)) {
        const one = pick(source.ofPod, line);
        if (one !== undefined) ofOne.push(one);
      }
      return ofOne;
    }),
  );
  return found.flat();
}

/** A line as the node gives it with its time. */
const timed = /^(\S+) (.*)$/;

/** Prints what there is, of several pods in order of time. */
async function printAll(name: string, connection: Connection): Promise<void> {
  const sources = sourcesNamed(name, sourcesOf(await podsIn(connection)));
  const found = await Promise.all(
    sources.map(async (source) => {
      const lines: { readonly time: string; readonly text: string }[] = [];
      for await (const line of linesOf(source, connection, { timestamps: true })) {
        const [, time = '', text = ''] = timed.exec(line) ?? [];
        lines.push({ time, text });
      }
      return lines;
    }),
  );
  const lines = found.flat();
  if (lines.length === 0)
    throw new CommandFailed(`${name} has written nothing yet in ${placeText(connection)}`);
  // all times have one format; the lines of one container are already in order
  if (sources.length > 1)
    lines.sort((one, other) => Number(one.time > other.time) - Number(one.time < other.time));
  for (const { text } of lines) passOn(text);
}

/** Prints what there is and what comes, also of pods and containers that join; goes on until Ctrl-C. */
async function printOn(name: string, connection: Connection): Promise<never> {
  const followed = new Set<string>();
  const readings: AbortController[] = [];
  let failure: unknown;
  const follow = async (source: Source): Promise<void> => {
    const lines = linesOf(source, connection, { follow: true }, (reading) => readings.push(reading));
    for await (const line of lines) passOn(line);
  };
  let sources = sourcesNamed(name, sourcesOf(await podsIn(connection)));
  try {
    for (;;) {
      for (const source of sources) {
        const id = `${source.pod}/${source.container}/${source.restarts}`;
        if (followed.has(id)) continue;
        followed.add(id);
        follow(source).catch((error: unknown) => {
          failure ??= error;
        });
      }
      await delay(checkEveryMs);
      if (failure !== undefined) throw failure;
      const all = sourcesOf(await podsIn(connection));
      sources = all.filter(({ ofPart, ofPod }) => ofPart === name || ofPod === name);
    }
  } finally {
    for (const reading of readings) reading.abort();
  }
}

/** The logs of the mesh in the cluster that is named. Throws as `clusterMesh` does; the functions throw `ClusterError`. */
export async function clusterLogs(): Promise<{
  print(name: string, follow: boolean): Promise<void>;
  traceOfOrder(orderId: number): Promise<string | undefined>;
  linesOfTrace(traceId: string): Promise<LogLine[]>;
}> {
  const { connection } = await clusterMesh();
  return {
    print: (name, follow) => (follow ? printOn(name, connection) : printAll(name, connection)),
    traceOfOrder: async (orderId) =>
      placingTrace(await picked(connection, (_part, text) => mentionOf(text, orderId))),
    linesOfTrace: async (traceId) =>
      inTime(await picked(connection, (part, text) => lineOfTrace(part, text, traceId))),
  };
}
