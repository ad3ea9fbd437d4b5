import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultAnswer } from '@microshop/control/changes/schemas';
import type { Json, JsonObject } from '@microshop/envoy';
import { callEdges, callersOf, policiesWith, services } from '@microshop/topology';
import { exportJson, exportText, lossLines, lossReport, targetOf } from './export.ts';
import { istioExport } from './istio.ts';
import type { InEffect, Loss } from './losses.ts';

const ofTopology: InEffect = { policies: policiesWith([]), faults: [] };
const whole = istioExport(ofTopology, 'shop');
const documents = whole.documents.map(({ document }) => document);

/** What stands at a path. */
function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isObject(inner) ? inner[String(key)] : undefined;
  }, value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function named(kind: string, name: string, all: readonly JsonObject[] = documents): JsonObject {
  const found = all.find((one) => one['kind'] === kind && at(one, 'metadata', 'name') === name);
  return found ?? assert.fail(`There is no ${kind} ${name}`);
}

function lost(losses: readonly Loss[], name: string): Loss {
  return losses.find((one) => one.name === name) ?? assert.fail(`${name} is not lost`);
}

test('GET has a route of its own; Istio counts retries, and retryOn is always said', () => {
  const source = { sourceLabels: { 'app.kubernetes.io/name': 'orders' } };
  const route = [{ destination: { host: 'products' } }];
  assert.deepEqual(at(named('VirtualService', 'products'), 'spec'), {
    hosts: ['products'],
    http: [
      {
        name: 'orders-get',
        match: [{ ...source, method: { exact: 'GET' } }],
        route,
        timeout: '3s',
        retries: {
          attempts: 2,
          perTryTimeout: '900ms',
          retryOn: 'gateway-error,connect-failure,refused-stream,reset,retriable-headers',
          backoff: '25ms',
        },
      },
      {
        name: 'orders',
        match: [source],
        route,
        timeout: '3s',
        retries: {
          attempts: 2,
          retryOn: 'connect-failure,refused-stream,retriable-headers',
          backoff: '25ms',
        },
      },
    ],
  });
});

test('a rule for each call has limits, budget and outlier detection, for the pods of its caller', () => {
  assert.deepEqual(at(named('DestinationRule', 'orders-to-products'), 'spec'), {
    host: 'products',
    workloadSelector: { matchLabels: { 'app.kubernetes.io/name': 'orders' } },
    trafficPolicy: {
      connectionPool: {
        tcp: { maxConnections: 1024 },
        http: { http1MaxPendingRequests: 1024, http2MaxRequests: 1024, maxConcurrentStreams: 100 },
      },
      retryBudget: { percent: 20, minRetryConcurrency: 10 },
      outlierDetection: {
        consecutive5xxErrors: 5,
        interval: '1s',
        baseEjectionTime: '5s',
        maxEjectionPercent: 50,
      },
      tls: { mode: 'ISTIO_MUTUAL' },
    },
  });
  const rules = documents.filter(({ kind }) => kind === 'DestinationRule');
  assert.equal(rules.length, callEdges.length);
});

test('requests from outside: a route for each service, by the paths of the gateway', () => {
  const gateway = named('VirtualService', 'gateway');
  assert.deepEqual(at(gateway, 'spec', 'gateways'), ['gateway']);
  services.forEach(({ name, route }, index) => {
    assert.deepEqual(at(gateway, 'spec', 'http', index, 'match'), [
      { uri: { exact: route } },
      { uri: { prefix: `${route}/` } },
      { uri: { exact: `/docs/${name}` } },
      { uri: { prefix: `/docs/${name}/` } },
    ]);
    assert.equal(at(gateway, 'spec', 'http', index, 'timeout'), '4s');
  });
});

test('without a certificate nobody calls, and nobody but the callers of the topology', () => {
  assert.deepEqual(at(named('PeerAuthentication', 'default'), 'spec'), { mtls: { mode: 'STRICT' } });
  for (const { name } of services) {
    const policy = named('AuthorizationPolicy', name);
    assert.equal(at(policy, 'spec', 'action'), 'ALLOW');
    assert.deepEqual(
      at(policy, 'spec', 'rules', 0, 'from', 0, 'source', 'principals'),
      callersOf(name).map((caller) => `cluster.local/ns/shop/sa/${caller}`),
    );
  }
});

test('with one attempt nothing but that is said of retries, and its limit is the limit of the call', () => {
  const edge = { caller: 'orders', callee: 'users' } as const;
  const policies = policiesWith([{ edge, change: { tries: 1, per_try_timeout_ms: 500 } }]);
  const { documents: all, losses } = istioExport({ policies, faults: [] }, 'shop');
  const http = at(
    named(
      'VirtualService',
      'users',
      all.map(({ document }) => document),
    ),
    'spec',
    'http',
  );
  assert.equal(at(http, 0, 'timeout'), '500ms');
  assert.deepEqual(at(http, 0, 'retries'), { attempts: 0 });
  assert.equal(at(http, 1, 'timeout'), '3s');
  assert.deepEqual(at(http, 1, 'retries'), { attempts: 0 });
  assert.deepEqual(lost(losses, 'timeout_ms').where, [{ ...edge, value: 3000 }]);
});

test('where nothing may be sent again unseen, other methods have one attempt', () => {
  const edge = { caller: 'orders', callee: 'users' } as const;
  const policies = policiesWith([{ edge, change: { retry_on: 'gateway-error' } }]);
  const all = istioExport({ policies, faults: [] }, 'shop').documents.map(({ document }) => document);
  assert.deepEqual(at(named('VirtualService', 'users', all), 'spec', 'http', 1, 'retries'), { attempts: 0 });
});

const fault: FaultAnswer = {
  service: 'products',
  from: null,
  abort: 503,
  delay_ms: null,
  replace_answer: null,
  slow_answer: null,
  replica: null,
  percent: 30,
  set_at: 0,
  expires_at: null,
  hits: { aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 },
  waiting_for: [],
};

test('what Istio has no word for is reported with the calls and their values', () => {
  const { losses } = istioExport({ ...ofTopology, faults: [fault] }, 'shop');
  const service = [
    { caller: 'orders', callee: 'users' },
    { caller: 'orders', callee: 'products' },
  ];
  assert.deepEqual(
    lost(losses, 'breaker_timeout_ms').where,
    service.map((edge) => ({ ...edge, value: 3200 })),
  );
  assert.deepEqual(
    lost(losses, 'back_off_max_ms').where,
    service.map((edge) => ({ ...edge, value: 75 })),
  );
  assert.equal(lost(losses, 'request_deadline_ms').where[0]?.value, 3500);
  assert.deepEqual(lost(losses, 'fault').where, [
    { caller: null, callee: 'products', value: '30 % answered 503' },
  ]);
  assert.match(lost(losses, 'fault').why, /at the caller, .* where it switches retries and limits off/);
  assert.deepEqual(new Set(losses.map(({ kind }) => kind)), new Set(['policy_field', 'setting', 'fault']));
});

test('a budget without a floor is written as the least that Istio can say', () => {
  const edge = { caller: 'orders', callee: 'users' } as const;
  const policies = policiesWith([{ edge, change: { min_retry_concurrency: 0 } }]);
  const { documents: all, losses } = istioExport({ policies, faults: [] }, 'shop');
  const rule = named(
    'DestinationRule',
    'orders-to-users',
    all.map(({ document }) => document),
  );
  assert.equal(at(rule, 'spec', 'trafficPolicy', 'retryBudget', 'minRetryConcurrency'), 1);
  assert.deepEqual(lost(losses, 'min_retry_concurrency').where, [{ ...edge, value: 0 }]);
});

test('the stream has a comment above each document; JSON is a list that kubectl takes', () => {
  const text = exportText(whole);
  assert.equal(text.split(/^---$/m).length, documents.length);
  assert.match(text, /^# Requests from outside/);
  assert.deepEqual(exportJson('istio', whole), { apiVersion: 'v1', kind: 'List', items: documents });
});

test('the report says the same to people', () => {
  const lines = lossLines(lossReport('istio', whole));
  assert.equal(lines[0], 'Lost on the way to istio:');
  assert.ok(lines.includes('    orders → products: 3200'));
  assert.ok(lines.includes('Assumed where it is applied:'));
});

test('a mesh that is not known is refused with those that are', () => {
  assert.throws(() => targetOf('linkerd'), {
    message: '--for must be one of istio, gateway-api, envoy, not "linkerd"',
  });
});
