/** A replica of orders for tests: a running Envoy, an app that answers 200 behind it, and the agent that feeds both. */
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { writeBootstraps } from '@microshop/envoy';
import { call } from '@microshop/envoy/testing/call.ts';
import { asCaller, type TlsMaterial } from '@microshop/envoy/testing/certificates.ts';
import { startEnvoy } from '@microshop/envoy/testing/mesh.ts';
import { createServers, patienceMs } from '@microshop/envoy/testing/servers.ts';
import { followBreakerPolicies } from '@microshop/mesh-client';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { createLogger, type Service } from '@microshop/service-kit';
import {
  type BreakerPolicies,
  certificatesDirectory,
  type Placement,
  podPorts,
  podsOf,
} from '@microshop/topology';
import { podToken } from '../../replicas/testing/api-server.ts';
import { buildAgent } from '../app.ts';
import type { AgentSettings } from '../settings.ts';

/** What a test sees of it. */
export interface TestReplica {
  readonly settings: AgentSettings;
  /** Its place: one entry for its service, as on Kubernetes. */
  readonly placement: Placement;
  /** Lines its agents have logged. */
  readonly lines: readonly { readonly level: string; readonly msg: string; readonly reason?: string }[];
  /** Status that the gateway gets of it. */
  status(): Promise<number>;
  /** Status of its agent at that path. */
  health(path: '/live' | '/ready' | '/started'): Promise<number>;
  /** Breakers that its app has in effect. */
  breakers(): BreakerPolicies | undefined;
  startAgent(): Promise<void>;
  stopAgent(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the `number`th pod of orders of a placement: its agent and, when that has written the files, its app and Envoy.
 * `gateway`: what its caller shows and trusts.
 */
export async function startReplica(
  all: Placement,
  number: number,
  control: string,
  gateway: TlsMaterial,
): Promise<TestReplica> {
  const pod = podsOf(all, 'orders')[number - 1];
  if (pod === undefined) throw new Error(`The placement has no pod ${number} of orders`);
  const own = { ...pod, replica: 1, app: 'orders', sidecar: 'orders-sidecar' };
  const placement = { ...all, pods: [...all.pods.filter(({ service }) => service !== 'orders'), own] };
  const servers = await createServers();
  // its agent is to get one
  await rm(path.join(servers.directory, certificatesDirectory), { recursive: true });
  const podName = `orders-${number}-of-test`;
  const token = path.join(servers.directory, 'token');
  await writeFile(token, podToken('orders', podName));
  const settings: AgentSettings = {
    identity: 'orders',
    pod: podName,
    address: pod.admin.host,
    control,
    envoy: `http://${pod.admin.host}:${pod.admin.port}`,
    directory: servers.directory,
    token,
    breakers: path.join(servers.directory, 'breakers'),
    issued: undefined,
  };
  const lines: { level: string; msg: string; reason?: string }[] = [];
  const log = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  let agent: Service | undefined;
  let app: { close(): void } | undefined;
  let breakers: BreakerPolicies | undefined;
  const tls = asCaller(gateway, 'orders');

  const replica: TestReplica = {
    settings,
    placement,
    lines,
    async status() {
      const headers = { 'x-mesh-caller': 'gateway' };
      const { host, port } = pod.inbound;
      return (await call(`https://${host}:${port}/`, { headers, tls })).status;
    },
    async health(target) {
      return (await agent?.inject(target))?.statusCode ?? 0;
    },
    breakers: () => breakers,
    async startAgent() {
      agent = await buildAgent({ settings, placement, logger: createLogger('agent', 'info', log) });
      await agent.ready();
    },
    async stopAgent() {
      await agent?.close();
      agent = undefined;
    },
    async close() {
      await replica.stopAgent();
      app?.close();
      await servers.close();
    },
  };

  try {
    await replica.startAgent();
    await eventually(
      'the agent has started',
      async () => (await replica.health('/started')) === 200,
      patienceMs,
    );
    app = followBreakerPolicies({
      directory: path.join(servers.directory, 'breakers'),
      caller: 'orders',
      apply: (policies) => {
        breakers = policies;
      },
      logger: { info: () => undefined, warn: () => undefined },
    });
    await servers.serve({ host: pod.localBind, port: podPorts.app }, (_request, response) => {
      response.writeHead(200).end('{}');
    });
    const file = (await writeBootstraps(placement, servers.directory))['orders-sidecar'] ?? '';
    await startEnvoy(servers, placement, 'orders-sidecar', file);
    await eventually('the agent is ready', async () => (await replica.health('/ready')) === 200, patienceMs);
    return replica;
  } catch (error) {
    await replica.close();
    throw error;
  }
}
