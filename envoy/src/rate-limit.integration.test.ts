/** The gateway's limit on requests against a running Envoy: the configured number, switched off, lowered, and beside limits of clients. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { issueToken, makeSigningKey } from '@microshop/service-kit/tokens';
import {
  clientRateLimits,
  gatewayRateLimit,
  gatewayUrl,
  type Placement,
  publicKeys,
  traceIdHeader,
} from '@microshop/topology';
import { stringify } from 'yaml';
import { gatewayConfig } from './gateway.ts';
import { type Answer, call } from './testing/call.ts';
import { asClient } from './testing/certificates.ts';
import { askAtOnce } from './testing/http2.ts';
import { at, listAt, withAt } from './testing/inspect.ts';
import { adminOf, logged, origin, startEnvoy } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, type Servers } from './testing/servers.ts';

const usual = testPlacement();
const gateway = origin(usual.gateway.address);
const filtersPath = [
  ...['static_resources', 'listeners', 0, 'filter_chains', 0, 'filters', 0],
  ...['typed_config', 'http_filters'],
];

interface Limited {
  /** Requests that may come at once; they come back within `fillSeconds`, 1 unless it is given. */
  readonly requests: number;
  readonly fillSeconds?: number;
  readonly runtime?: Readonly<Record<string, number>>;
  readonly placement?: Placement;
  /** What users publishes. */
  readonly keys?: readonly object[];
}

/** A gateway with that limit, and services behind it. */
async function startLimited(t: TestContext, limited: Limited): Promise<Servers> {
  const { requests, fillSeconds = 1, runtime = {}, placement = usual, keys = [] } = limited;
  const servers = await createServers();
  t.after(() => servers.close());
  for (const { service, inbound } of placement.pods) {
    await servers.serve(
      inbound,
      ({ url }, response) => void response.end(JSON.stringify(url === publicKeys.path ? { keys } : {})),
      service,
    );
  }
  const config = gatewayConfig(placement);
  const index = listAt(config, ...filtersPath).findIndex((filter) =>
    String(at(filter, 'name')).includes('local_ratelimit'),
  );
  assert.equal(
    at(config, ...filtersPath, index, 'typed_config', 'token_bucket', 'max_tokens'),
    gatewayRateLimit.requestsPerSecond,
  );
  const bucket = { max_tokens: requests, tokens_per_fill: requests, fill_interval: `${fillSeconds}s` };
  const lowered = withAt(config, [...filtersPath, index, 'typed_config', 'token_bucket'], bucket);
  // what an RTDS file does later: a layer above the static one
  const layers = [...listAt(lowered, 'layered_runtime', 'layers'), { name: 'test', static_layer: runtime }];
  const changed = join(servers.directory, 'limited.yaml');
  const whole = withAt(lowered, ['layered_runtime', 'layers'], layers);
  await writeFile(changed, stringify(whole, { aliasDuplicateObjects: false }));
  await startEnvoy(servers, placement, 'gateway', changed);
  return servers;
}

async function burst(count: number): Promise<readonly Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  try {
    return await Promise.all(Array.from({ length: count }, () => call(`${gateway}/api/orders`, { agent })));
  } finally {
    agent.destroy();
  }
}

test('above the limit: 429 overloaded with retry-after and a trace, counted, and nothing for the service to do', async (t) => {
  const servers = await startLimited(t, { requests: 20 });
  const begun = performance.now();
  const answers = await burst(300);
  const seconds = (performance.now() - begun) / 1000;
  const refused = answers.filter((answer) => answer.status === 429);
  const passed = answers.filter((answer) => answer.status === 200);
  assert.equal(refused.length + passed.length, 300);
  // a full bucket, and what came in since
  assert.ok(passed.length >= 20 && passed.length <= 20 * (seconds + 2), `${passed.length} in ${seconds} s`);
  const [first] = refused;
  assert.ok(first);
  assertProblem(first, 429, 'overloaded', '/api/orders');
  assert.equal(first.headers['retry-after'], '1');
  const line = await logged(servers, 'gateway', String(first.headers[traceIdHeader]));
  assert.deepEqual([line['response_flags'], line['upstream_host']], ['RL', undefined]);
  const admin = origin(adminOf(usual, 'gateway'));
  const { text } = await call(`${admin}/stats?filter=edge.http_local_rate_limit.rate_limited$`);
  assert.equal(Number(/: (\d+)/.exec(text)?.[1]), refused.length);
  assert.equal((await call(`${admin}/ready`)).status, 200, 'its health is not limited');
});

test('switched off by its runtime key: everybody gets in', async (t) => {
  await startLimited(t, { requests: 20, runtime: { [gatewayRateLimit.runtimeKey]: 0 } });
  const answers = await burst(300);
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
});

test('what one client is refused takes nothing from what all others may ask', async (t) => {
  const placement = { ...usual, edgeAuth: true };
  const key = await makeSigningKey(0);
  const fillSeconds = 3600;
  const requests = 10 * clientRateLimits.user.burst;
  const servers = await startLimited(t, { requests, fillSeconds, placement, keys: [key.public_key] });
  const tls = await asClient(servers.directory);
  const askAs = async (subject: string, count: number) => {
    const { token } = await issueToken([key], { subject, role: 'customer' });
    const headers = { authorization: `Bearer ${token}` };
    return await askAtOnce(gatewayUrl(placement), tls, count, '/api/orders', headers);
  };
  const noisy = await askAs('7', requests + 100);
  const letIn = noisy.filter(({ status }) => status === 200).length;
  t.diagnostic(`${letIn} of ${noisy.length} requests were let in`);
  const quiet = await askAs('8', 20);
  assert.ok(letIn + quiet.length <= requests, 'this machine is too slow to reach the limit of a client');
  assert.deepEqual([...new Set(quiet.map(({ status }) => status))], [200]);
});
