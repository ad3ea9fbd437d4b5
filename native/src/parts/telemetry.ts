/**
 * Where telemetry goes: Jaeger (the collector of all of it, the store of traces and their query API), and Prometheus,
 * which scrapes the collector, the Envoys and the broker; k6 writes to it.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  jaegerConfig,
  prometheusConfig,
  prometheusRules,
  rulesFile,
  type TraceStore,
} from '@microshop/observability';
import { messageOf } from '@microshop/program-kit/errors';
import { type Part, PartUnobtainableError } from '../supervision/part.ts';
import {
  answersOk,
  baseEnvironment,
  configDirectory,
  dataDirectory,
  get,
  hostPort,
  type MeshContext,
} from './context.ts';

/** The part `jaeger`. */
export function jaegerPart(mesh: MeshContext): Part {
  const { jaeger } = mesh.placement;
  const data = dataDirectory(mesh, 'jaeger');
  const file = path.join(configDirectory(mesh), 'jaeger.yaml');
  return {
    name: 'jaeger',
    kind: 'server',
    dependsOn: [],
    ports: [
      hostPort(jaeger.query, 'jaeger', 'jaeger query'),
      hostPort(jaeger.queryGrpc, 'jaeger_grpc', 'jaeger query'),
      hostPort(jaeger.otlpGrpc, 'otlp_grpc'),
      hostPort(jaeger.otlpHttp, 'otlp_http'),
      hostPort(jaeger.health, 'jaeger_health'),
      hostPort(jaeger.metrics, 'jaeger_metrics'),
      hostPort(jaeger.collectorMetrics, 'collector_metrics'),
    ],
    joinsLater: async () => (await mesh.isMissing?.('jaeger')) ?? false,
    making: () => mesh.making?.('jaeger'),
    prepare: async () => {
      await mesh.tool('jaeger').catch((error: unknown) => {
        throw new PartUnobtainableError(messageOf(error), { cause: error });
      });
      await mkdir(data, { recursive: true });
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, jaegerConfig(mesh.placement, traceStore(data, mesh.env)));
    },
    process: async () => ({
      file: (await mesh.tool('jaeger')).path,
      args: ['--config', file],
      env: baseEnvironment(mesh),
      cwd: data,
    }),
    healthy: async (signal) => {
      // the pages answer 200 to any path and begin before the receivers: the state of the whole is asked, and a
      // query whose answer only the API gives
      const [state, services] = await Promise.all([
        get(jaeger.health, '/status', signal),
        get(jaeger.query, '/api/services', signal),
      ]);
      return member(state.body, 'status') === 'StatusOK' && member(services.body, 'data') !== undefined;
    },
    stopTimeoutMs: 10_000,
  };
}

/** Variable that lets traces outlive Jaeger: `1` keeps them on disk, `0` or nothing in memory. */
const keepVariable = 'MESH_KEEP_TRACES';

/** Where traces are kept; `data` is Jaeger's own directory. Throws when the variable says neither `0` nor `1`. */
export function traceStore(data: string, env: NodeJS.ProcessEnv = process.env): TraceStore {
  const wanted = env[keepVariable] ?? '';
  if (!['', '0', '1'].includes(wanted)) throw new Error(`${keepVariable} can be 0 or 1, not "${wanted}"`);
  return wanted === '1' ? { directory: path.join(data, 'traces') } : 'memory';
}

/** A member of a JSON object; `undefined` when the text is no JSON object or has no such member. */
function member(text: string, name: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** The part `prometheus`. Bounded: two hours, half a gigabyte. */
export function prometheusPart(mesh: MeshContext): Part {
  const address = mesh.placement.prometheus;
  const data = dataDirectory(mesh, 'prometheus');
  const file = path.join(configDirectory(mesh), 'prometheus.yaml');
  return {
    name: 'prometheus',
    kind: 'server',
    dependsOn: [],
    ports: [hostPort(address, 'prometheus')],
    prepare: async () => {
      await mesh.tool('prometheus');
      await mkdir(data, { recursive: true });
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, prometheusConfig(mesh.placement));
      await writeFile(path.join(path.dirname(file), rulesFile), prometheusRules());
    },
    process: async () => ({
      file: (await mesh.tool('prometheus')).path,
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=2h',
        '--storage.tsdb.retention.size=512MB',
        `--web.listen-address=${address.host}:${address.port}`,
        // k6 reports through it
        '--web.enable-remote-write-receiver',
        // exemplars, which link a latency to a trace, are dropped without it
        '--enable-feature=exemplar-storage',
      ],
      env: baseEnvironment(mesh),
      cwd: data,
    }),
    healthy: (signal) => answersOk(address, '/-/ready', signal),
    stopTimeoutMs: 10_000,
  };
}
