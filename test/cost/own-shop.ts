/**
 * The three services of a checkout without sidecars, with databases and a virtual host of their own on the servers of a running
 * mesh: two of them stand side by side and have nothing in common but these servers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { appEnvironment } from '@microshop/deploy/app-environment';
import { passwordFile } from '@microshop/deploy/consumers';
import { programs } from '@microshop/deploy/programs';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import {
  instanceNumber,
  nativePlacement,
  type Pod,
  podPorts,
  podsOf,
  type ServiceName,
  serviceNamed,
  services,
} from '@microshop/topology';
import pg from 'pg';
import { request } from 'undici';
import { mesh } from '../harness/mesh.ts';
import { asSuperuser } from '../harness/scratch.ts';
import { brokerCall } from '../harness/scratch-vhost.ts';

/** What tells one of them from another. */
export interface OwnShopOptions {
  /** Checkout whose code runs, absolute. */
  readonly folder: string;
  /** Further variables of each service, over those of the mesh. */
  readonly env: Readonly<Record<string, string>>;
  /** Where spans and metrics are sent, `http://host:port`. */
  readonly collector: string;
  /** 1 to 9: its services stand on addresses of their own. */
  readonly number: number;
}

/** One of them. */
export interface OwnShop {
  /** Where a service is asked, `http://host:port`. */
  urlOf(service: ServiceName): string;
  /** User and system time of all threads of each service since its start, milliseconds. */
  cpuMs(): ReadonlyMap<ServiceName, number>;
  /** Resolves when no order is pending. Rejects when one still is after a minute. */
  settled(): Promise<void>;
  end(): Promise<void>;
}

/** Time the services have to answer after their start, and the orders to end, milliseconds. */
const limitMs = 60_000;

const placement = nativePlacement();

/** A pod of the mesh with another address for its app. */
function podOf(service: ServiceName, number: number): Pod {
  const [pod] = podsOf(placement, service);
  if (pod === undefined) throw new Error(`${service} has no pod`);
  return {
    ...pod,
    localBind: pod.localBind.replace(/\.(\d+)$/, (_, last) => `.${number * 20 + 100 - 20 + Number(last)}`),
  };
}

/** Starts them. Each service writes its log to a file in a folder that is removed at the end. */
export async function startOwnShop({ folder, env, collector, number }: OwnShopOptions): Promise<OwnShop> {
  const id = randomUUID().replaceAll('-', '');
  const databaseOf = (service: ServiceName) => `scratch_${service}_${id}`;
  const logs = await mkdtemp(path.join(tmpdir(), 'own-shop-'));
  const children = new Map<ServiceName, ChildProcess>();
  const urlOf = (service: ServiceName) => `http://${podOf(service, number).localBind}:${podPorts.app}`;

  function environmentOf(service: ServiceName): Record<string, string> {
    const { MESH_OUTBOUND_URL: _, ...usual } = appEnvironment(placement, podOf(service, number), {
      password: (name) => path.join(runDirectory(instanceNumber()).secrets, passwordFile(name)),
      breakers: logs,
    });
    const moved: Record<string, string> = {
      ...usual,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      DATABASE_URL: `${usual['DATABASE_URL']}`.replace(/[^/]+$/, databaseOf(service)),
    };
    if (usual['AMQP_URL'] !== undefined) moved['AMQP_URL'] = `${usual['AMQP_URL']}/${id}`;
    if (usual['REDIS_URL'] !== undefined) moved['REDIS_URL'] = `${usual['REDIS_URL']}/${number}`;
    const { calls } = serviceNamed(service);
    if (calls.length > 0) moved['MESH_PEER_URLS'] = calls.map((peer) => `${peer}=${urlOf(peer)}`).join(',');
    return { ...moved, PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TZ: 'UTC', ...env };
  }

  async function start(service: ServiceName): Promise<void> {
    await asSuperuser(`create database ${databaseOf(service)} owner ${serviceNamed(service).database.role}`);
    const log = await open(path.join(logs, `${service}.log`), 'w');
    const { NODE_ARGS = '', ...variables } = environmentOf(service);
    const args = [
      ...NODE_ARGS.split(' ').filter((arg) => arg !== ''),
      '--import',
      path.join(folder, programs.telemetry),
      path.join(folder, programs.service(service)),
    ];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: variables,
      stdio: ['ignore', log.fd, log.fd],
    });
    children.set(service, child);
    await log.close();
    await eventuallyDespiteErrors(
      `${service} answers; it wrote ${log}`,
      async () => {
        const { statusCode, body } = await request(`${urlOf(service)}/health/ready`);
        const text = await body.text();
        return statusCode === 200 && text.includes('"ok"');
      },
      limitMs,
    );
  }

  async function end(): Promise<void> {
    for (const child of children.values()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    for (const { name } of services) {
      await asSuperuser(`drop database if exists ${databaseOf(name)} with (force)`);
    }
    await brokerCall('DELETE', `vhosts/${id}`);
    await rm(logs, { recursive: true });
  }

  await brokerCall('PUT', `vhosts/${id}`);
  try {
    await brokerCall('PUT', `permissions/${id}/shop`, { configure: '.*', write: '.*', read: '.*' });
    await Promise.all(services.map(({ name }) => start(name)));
  } catch (error) {
    await end();
    throw error;
  }
  const orders = new pg.Client({
    ...mesh.postgres,
    database: databaseOf('orders'),
    user: 'postgres',
    password: await mesh.secret('postgres'),
  });
  await orders.connect();
  return {
    urlOf,
    cpuMs: () =>
      new Map([...children].map(([service, { pid }]) => [service, pid === undefined ? 0 : threadsMs(pid)])),
    settled: () =>
      eventually(
        'no order is pending',
        async () =>
          (await orders.query(`select 1 from orders where status = 'PENDING' limit 1`)).rowCount === 0,
        limitMs,
      ).then(() => undefined),
    async end() {
      await orders.end();
      await end();
    },
  };
}

/** The first figure of `schedstat` is the time on a CPU, nanoseconds; a thread that has ended is not among them. */
function threadsMs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const ns = readdirSync(tasks).map((task) =>
    Number(readFileSync(path.join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]),
  );
  return ns.reduce((sum, one) => sum + one, 0) / 1e6;
}
