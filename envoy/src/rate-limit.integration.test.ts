/** The gateway's limit on requests against a running Envoy: the configured number, switched off, and lowered. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gatewayRateLimit, traceIdHeader } from '@microshop/topology';
import { stringify } from 'yaml';
import { gatewayConfig } from './gateway.ts';
import { type Answer, call } from './testing/call.ts';
import { at, listAt, withAt } from './testing/inspect.ts';
import { adminOf, logged, origin, startEnvoy } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, type Servers } from './testing/servers.ts';

const placement = testPlacement();
const gateway = origin(placement.gateway.address);
const filtersPath = [
  ...['static_resources', 'listeners', 0, 'filter_chains', 0, 'filters', 0],
  ...['typed_config', 'http_filters'],
];

/** A gateway with so many requests a second, and orders behind it. */
async function startLimited(
  t: TestContext,
  perSecond: number,
  runtime: Record<string, number> = {},
): Promise<Servers> {
  const servers = await createServers();
  t.after(() => servers.close());
  const orders = placement.pods.find((pod) => pod.service === 'orders');
  assert.ok(orders);
  await servers.serve(orders.inbound, (_request, response) => void response.end('{}'), 'orders');
  const config = gatewayConfig(placement);
  const index = listAt(config, ...filtersPath).findIndex((filter) =>
    String(at(filter, 'name')).includes('ratelimit'),
  );
  assert.equal(
    at(config, ...filtersPath, index, 'typed_config', 'token_bucket', 'max_tokens'),
    gatewayRateLimit.requestsPerSecond,
  );
  const bucket = { max_tokens: perSecond, tokens_per_fill: perSecond, fill_interval: '1s' };
  const limited = withAt(config, [...filtersPath, index, 'typed_config', 'token_bucket'], bucket);
  // what an RTDS file does later: a layer above the static one
  const layers = [...listAt(limited, 'layered_runtime', 'layers'), { name: 'test', static_layer: runtime }];
  const changed = join(servers.directory, 'limited.yaml');
  const whole = withAt(limited, ['layered_runtime', 'layers'], layers);
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
  const servers = await startLimited(t, 20);
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
  const admin = origin(adminOf(placement, 'gateway'));
  const { text } = await call(`${admin}/stats?filter=edge.http_local_rate_limit.rate_limited$`);
  assert.equal(Number(/: (\d+)/.exec(text)?.[1]), refused.length);
  assert.equal((await call(`${admin}/ready`)).status, 200, 'its health is not limited');
});

test('switched off by its runtime key: everybody gets in', async (t) => {
  await startLimited(t, 20, { [gatewayRateLimit.runtimeKey]: 0 });
  const answers = await burst(300);
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
});
