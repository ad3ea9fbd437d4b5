/** Five pairs of somebody's resources, and files that cannot be read. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { WantedPolicy } from '@microshop/control/changes/schemas';
import { CommandFailed } from '../output/errors.ts';
import { readPolicies } from '../policies/read-file.ts';
import { policyFileText } from '../policies/write-file.ts';
import { hostsOf } from './hosts.ts';
import { checkTogether, type Imported, importIstio, importLines } from './import.ts';

const theirs = (name: string) => readFile(new URL(`testing/theirs/${name}.yaml`, import.meta.url), 'utf8');

/** Imports a file as the command does, over the policies of the topology. */
async function imported(name: string, ...as: readonly string[]): Promise<Imported> {
  const file = `${name}.yaml`;
  const found = importIstio(await theirs(name), file, hostsOf(as), []);
  checkTogether(file, found.policies, []);
  return found;
}

/** What is named, by its field; of the whole resource by its kind. */
function named({ notTaken }: Imported): string[] {
  return notTaken.map(({ document, kind, field, why }) => `${document} ${field ?? kind}: ${why}`);
}

const toProducts = { caller: 'orders', callee: 'products' };
const toUsers = { caller: 'orders', callee: 'users' };

test('a pair with all that has an equal here: values are taken, the rest is named', async () => {
  const found = await imported('shop-window', 'products=catalogue.shop-window.svc.cluster.local');
  const rule = {
    max_connections: 100,
    max_pending_requests: 50,
    max_requests: 200,
    retry_budget_percent: 13,
    min_retry_concurrency: 5,
    consecutive_5xx: 7,
    ejection_ms: 4000,
    max_ejection_percent: 100,
  };
  assert.deepEqual(found.policies, [
    { caller: 'gateway', callee: 'products', policy: rule },
    {
      ...toProducts,
      policy: {
        tries: 2,
        timeout_ms: 1500,
        per_try_timeout_ms: 500,
        retry_on: '5xx,reset',
        back_off_base_ms: 100,
        back_off_max_ms: 100,
        ...rule,
      },
    },
  ]);
  assert.deepEqual(named(found), [
    '1 spec.http[0].route[0].weight: all replicas of a service get the same share here',
    '1 spec.http[0].route[0].destination.subset: a service has no subsets here',
    '1 spec.http[0].retries.retryOn: unavailable has no equivalent here: it is about gRPC',
    '1 spec.http[0].fault: a fault is set here at the callee: ./mesh fault set',
    '2 spec.trafficPolicy.connectionPool.tcp.connectTimeout: there is nothing like it here',
    '2 spec.trafficPolicy.connectionPool.http.maxRetries: retries under way are bounded by a budget here: min_retry_concurrency',
    '2 spec.trafficPolicy.retryBudget.percent: it is rounded to 13',
    '2 spec.trafficPolicy.outlierDetection.interval: it is always 1s here',
    '2 spec.trafficPolicy.loadBalancer: there is nothing like it here',
    '2 spec.subsets: a service has no subsets here',
  ]);
  assert.match(
    importLines('theirs.yaml', found).at(-1) ?? '',
    /^orders → products keeps max_streams, breaker_timeout_ms, breaker_volume, /,
  );
});

test('one attempt: its limit is that of the call, and nothing is said of retries', async () => {
  const found = await imported('no-retries');
  const rule = { max_connections: 10, max_pending_requests: 1, max_requests: 1_000_000 };
  assert.deepEqual(found.policies, [
    { caller: 'gateway', callee: 'users', policy: rule },
    { ...toUsers, policy: { tries: 1, per_try_timeout_ms: 2000, timeout_ms: 2001, ...rule } },
  ]);
  assert.deepEqual(named(found), [
    '1 spec.http[0].timeout: with one attempt it is per_try_timeout_ms; timeout_ms, which is longer here, is 2001 ms',
    '2 spec.trafficPolicy.connectionPool.http.http2MaxRequests: max_requests is 1000000, the most there is here',
  ]);
});

test('requests from outside, in the list that kubectl prints', async () => {
  const found = await imported('front-door', 'orders=checkout');
  assert.deepEqual(found.policies, [
    {
      caller: 'gateway',
      callee: 'orders',
      policy: {
        tries: 3,
        timeout_ms: 15_000,
        per_try_timeout_ms: 4000,
        retry_on: 'connect-failure,refused-stream',
        back_off_base_ms: 25,
        max_requests: 300,
      },
    },
  ]);
  assert.deepEqual(
    named(found).map((line) => line.replace(/:.*/, '')),
    [
      '1 spec.http[0].match[0].uri',
      '1 spec.http[0].retries.retryOn',
      '1 spec.http[0].retries.retryOn',
      '1 spec.exportTo',
    ],
  );
});

test('what the gateway may not retry is left out, and named', () => {
  const source = (retryOn: string) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: checkout}
spec:
  hosts: [checkout]
  http:
    - route: [{destination: {host: checkout}}]
      timeout: 8s
      retries: {attempts: 2, retryOn: '${retryOn}'}
`;
  const hosts = hostsOf(['orders=checkout']);
  const some = importIstio(source('5xx,connect-failure'), 'theirs.yaml', hosts, []);
  assert.deepEqual(some.policies[0]?.policy, {
    timeout_ms: 8000,
    per_try_timeout_ms: null,
    tries: 3,
    retry_on: 'connect-failure',
    back_off_base_ms: 25,
  });
  const none = importIstio(source('5xx'), 'theirs.yaml', hosts, []);
  assert.deepEqual(none.policies[0]?.policy, { tries: 1, timeout_ms: 8000, per_try_timeout_ms: null });
  for (const found of [some, none]) {
    assert.deepEqual(named(found), [
      '1 spec.http[0].retries.retryOn: the gateway retries only what no service has seen, so not 5xx',
    ]);
    checkTogether('theirs.yaml', found.policies, []);
  }
});

/** A route to users with what is there, of a VirtualService. */
const toUsersWith = (...fields: readonly string[]) =>
  [
    'apiVersion: networking.istio.io/v1',
    'kind: VirtualService',
    'metadata: {name: users}',
    'spec:',
    '  hosts: [users]',
    '  http:',
    '    - route: [{destination: {host: users}}]',
    ...fields.map((field) => `      ${field}`),
  ].join('\n');

test('a code beside a condition that means it is nothing more', () => {
  for (const [retryOn, taken] of [
    ['503,gateway-error', 'gateway-error'],
    ['5xx,500,503', '5xx'],
    ['409,retriable-4xx', 'retriable-4xx'],
  ] as const) {
    const source = toUsersWith(
      'timeout: 2900ms',
      `retries: {attempts: 1, perTryTimeout: 1s, retryOn: '${retryOn}'}`,
    );
    const found = importIstio(source, 'theirs.yaml', hostsOf([]), []);
    assert.equal(found.policies[0]?.policy.retry_on, taken);
    assert.ok(!named(found).some((line) => line.includes('retryOn')), named(found).join('\n'));
  }
});

test('YAML is read as kubectl reads it: anchors, merged keys, CRLF, a mark of the byte order', () => {
  const source = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: users}
spec:
  hosts: [users]
  http:
    - match: [{headers: {x-canary: {exact: 'true'}}}]
      route: &there [{destination: {host: users}}]
      timeout: &limit 2900ms
      retries: &some {attempts: 1, perTryTimeout: 1s, retryOn: reset, backoff: 10ms}
    - route: *there
      timeout: *limit
      retries: {<<: *some, perTryTimeout: 800ms}
`;
  const text = `\uFEFF${source.replaceAll('\n', '\r\n')}`;
  assert.deepEqual(importIstio(text, 'theirs.yaml', hostsOf([]), []).policies, [
    {
      ...toUsers,
      policy: {
        tries: 2,
        timeout_ms: 2900,
        per_try_timeout_ms: 800,
        retry_on: 'reset',
        back_off_base_ms: 10,
      },
    },
  ]);
});

test('a list as the API server answers it is read like one of kubectl', () => {
  const apiVersion = 'networking.istio.io/v1';
  const rule = {
    apiVersion,
    kind: 'DestinationRule',
    metadata: { name: 'users' },
    spec: { host: 'users', trafficPolicy: { connectionPool: { tcp: { maxConnections: 7 } } } },
  };
  const source = JSON.stringify({ apiVersion, kind: 'DestinationRuleList', items: [rule] }, null, '\t');
  const found = importIstio(source, 'theirs.json', hostsOf([]), []);
  assert.deepEqual(found.policies[1], { ...toUsers, policy: { max_connections: 7 } });
});

test('versions, headers, codes, a caller and other kinds: what has no equal is named', async () => {
  const found = await imported('canary', 'users=accounts', 'orders=checkout');
  assert.deepEqual(found.policies, [
    {
      ...toUsers,
      // of the route for all calls, not of the one for a header
      policy: {
        tries: 3,
        timeout_ms: 2500,
        per_try_timeout_ms: 700,
        retry_on: 'gateway-error,connect-failure',
        back_off_base_ms: 10,
        retry_budget_percent: 30,
        consecutive_5xx: 3,
        ejection_ms: 1000,
      },
    },
  ]);
});

test('the longest limit of one attempt is read, and does not nest', () => {
  const source = toUsersWith('timeout: 10m', 'retries: {attempts: 0}');
  const { policies } = importIstio(source, 'theirs.yaml', hostsOf([]), []);
  assert.deepEqual(policies[0]?.policy, { tries: 1, per_try_timeout_ms: 599_999, timeout_ms: 600_000 });
  assert.throws(() => checkTogether('theirs.yaml', policies, []), {
    message: /: timeout_ms \(600000 ms\) must end before breaker_timeout_ms \(3200 ms\)$/,
  });
});

test('how often replicas are counted is named, however long it is', () => {
  const source = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: users}
spec:
  host: users
  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 7, interval: 15m}}
`;
  const found = importIstio(source, 'theirs.yaml', hostsOf([]), []);
  assert.deepEqual(found.policies[1], { ...toUsers, policy: { consecutive_5xx: 7 } });
  assert.deepEqual(named(found), ['1 spec.trafficPolicy.outlierDetection.interval: it is always 1s here']);
});

test('limits that do not nest are refused with the sentence of the mesh', async () => {
  await assert.rejects(imported('impossible'), (error) => {
    assert.ok(error instanceof CommandFailed);
    assert.match(
      error.message,
      /^impossible\.yaml: orders → products: 3 attempts of 2000 ms with their back-offs \(6150 ms\) must end before timeout_ms \(3100 ms\)$/,
    );
    return true;
  });
});

test('what is imported is a file of policies that apply and a comparison take', async () => {
  const { policies } = await imported('shop-window', 'products=catalogue');
  const read: readonly WantedPolicy[] = readPolicies(policyFileText(policies), 'theirs.yaml');
  assert.deepEqual(read, policies);
});
