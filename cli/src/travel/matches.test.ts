/** Which of somebody's routes and rules count for a call here, by their matches and labels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostsOf } from './hosts.ts';
import { type Imported, importIstio } from './import.ts';

/** One route of a VirtualService to products: its match, and the limit by which it is known again. */
const route = (match: string | null, timeout: string) =>
  [
    `    - route: [{destination: {host: products}}]`,
    `      timeout: ${timeout}`,
    ...(match === null ? [] : [`      match: ${match}`]),
  ].join('\n');

function imported(routes: readonly string[], gateways?: string): Imported {
  const source = [
    'apiVersion: networking.istio.io/v1',
    'kind: VirtualService',
    'metadata: {name: products}',
    'spec:',
    '  hosts: [products]',
    ...(gateways === undefined ? [] : [`  gateways: ${gateways}`]),
    '  http:',
    ...routes,
  ].join('\n');
  return importIstio(source, 'theirs.yaml', hostsOf([]), []);
}

/** The limit of each call, milliseconds. */
const limits = ({ policies }: Imported) =>
  Object.fromEntries(policies.map(({ caller, policy }) => [caller, policy.timeout_ms]));

/** Fields of matches and labels that are named, with the reason. */
const named = ({ notTaken }: Imported) =>
  notTaken
    .filter(({ field }) => /match|Labels/.test(field ?? ''))
    .map(({ field, why }) => `${field}: ${why}`);

for (const [what, match] of [
  ['every path begins with it', '[{uri: {prefix: /}}]'],
  ['its pattern fits every path', "[{uri: {regex: '/.*'}}]"],
  ['it has no labels', '[{sourceLabels: {}}]'],
] as const) {
  test(`a route is for all calls when ${what}, whatever routes for some are before it`, () => {
    const found = imported([route('[{uri: {prefix: /admin}}]', '300ms'), route(match, '2900ms')]);
    assert.deepEqual(limits(found), { orders: 2900 });
    assert.deepEqual(named(found), [
      'spec.http[0].match[0].uri: a policy here holds for every path of a service',
      'spec.http[0].match: orders → products has one policy here, taken from another route',
    ]);
  });
}

for (const [what, uri] of [
  ['a path', '{prefix: /products/7}'],
  ['a pattern', "{regex: '/products/7.*'}"],
  ['a pattern that cannot be read', "{regex: '(?i)/.*('}"],
] as const) {
  test(`a route for some paths, by ${what}, does not stand for all of them`, () => {
    const found = imported([route(`[{uri: ${uri}}]`, '300ms'), route(null, '2900ms')]);
    assert.deepEqual(limits(found), { orders: 2900 });
  });
}

test('a match for another method does not make a route one for every GET', () => {
  const some = '[{method: {exact: GET}, uri: {prefix: /admin}}, {method: {exact: POST}}]';
  const found = imported([route(some, '300ms'), route(null, '2900ms')]);
  assert.deepEqual(limits(found), { orders: 2900 });
});

test('a route for the pods of a caller is none of the gateway', () => {
  const found = imported(
    [route('[{sourceLabels: {app: orders}}]', '2900ms'), route(null, '8s')],
    '[mesh, shop]',
  );
  assert.deepEqual(limits(found), { gateway: 8000, orders: 2900 });
});

test('a route for the pods of the gateway is its own', () => {
  const found = imported([route('[{sourceLabels: {app: gateway}}]', '7s'), route(null, '8s')], '[shop]');
  assert.deepEqual(limits(found), { gateway: 7000 });
});

test('a label beside the name of a caller is named, and a route for all of its pods counts before', () => {
  const found = imported([
    route('[{sourceLabels: {app: orders, version: canary}}]', '2500ms'),
    route(null, '2900ms'),
  ]);
  assert.deepEqual(limits(found), { orders: 2900 });
  assert.deepEqual(named(found), [
    'spec.http[0].match[0].sourceLabels: a policy here is for every replica of a caller, whatever its version',
    'spec.http[0].match: orders → products has one policy here, taken from another route',
  ]);
});

/** A rule for products with that selector. */
const rule = (selector: string) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: products}
spec:
  host: products
  workloadSelector: ${selector}
  trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}
`;

test('a rule is for the pods that its labels select; without labels it is for all', () => {
  const found = (selector: string) => importIstio(rule(selector), 'theirs.yaml', hostsOf([]), []);
  const canary = found('{matchLabels: {app: orders, version: canary}}');
  assert.deepEqual(
    canary.policies.map(({ caller }) => caller),
    ['orders'],
  );
  assert.deepEqual(named(canary), [
    'spec.workloadSelector.matchLabels: a policy here is for every replica of a caller, whatever its version',
  ]);
  for (const selector of ['{}', '{matchLabels: {}}']) {
    assert.deepEqual(
      found(selector).policies.map(({ caller }) => caller),
      ['gateway', 'orders'],
    );
  }
});

const document = (kind: string, name: string, spec: object) =>
  JSON.stringify({ apiVersion: 'networking.istio.io/v1', kind, metadata: { name }, spec });

const connections = (most: number) => ({
  trafficPolicy: { connectionPool: { tcp: { maxConnections: most } } },
});

test('a rule for the pods of a caller counts before one for all callers, and takes nothing of it', () => {
  const everyone = document('DestinationRule', 'everyone', {
    host: 'products',
    trafficPolicy: {
      ...connections(10).trafficPolicy,
      outlierDetection: { consecutive5xxErrors: 9 },
    },
  });
  const own = document('DestinationRule', 'own', {
    host: 'products',
    workloadSelector: { matchLabels: { app: 'orders' } },
    ...connections(20),
  });
  const some = document('DestinationRule', 'some', {
    host: 'products',
    workloadSelector: { matchLabels: { app: 'orders', version: 'canary' } },
    ...connections(30),
  });
  const found = importIstio([some, everyone, own].join('\n---\n'), 'theirs.yaml', hostsOf([]), []);
  assert.deepEqual(
    found.policies.map(({ caller, policy }) => [caller, policy]),
    [
      ['gateway', { max_connections: 10, consecutive_5xx: 9 }],
      ['orders', { max_connections: 20 }],
    ],
  );
  assert.deepEqual(
    found.notTaken.filter(({ field }) => field === null).map(({ name, why }) => `${name}: ${why}`),
    ['some', 'everyone'].map(
      (name) =>
        `${name}: orders → products is taken from document 3 (DestinationRule own): one DestinationRule counts for a call`,
    ),
  );
});

test('of two VirtualServices for a call the first counts, whole', () => {
  const first = document('VirtualService', 'first', {
    hosts: ['users'],
    http: [{ route: [{ destination: { host: 'users' } }], timeout: '2900ms' }],
  });
  const second = document('VirtualService', 'second', {
    hosts: ['users'],
    http: [{ route: [{ destination: { host: 'users' } }], timeout: '2s', retries: { attempts: 0 } }],
  });
  const found = importIstio(`${first}\n---\n${second}`, 'theirs.yaml', hostsOf([]), []);
  assert.deepEqual(found.policies[0]?.policy, { timeout_ms: 2900 });
  assert.equal(
    found.notTaken.at(-1)?.why,
    'orders → users is taken from document 1 (VirtualService first): one VirtualService counts for a call',
  );
});

test('a VirtualService of a gateway counts there before one of sidecars', () => {
  const http = (timeout: string) => [{ route: [{ destination: { host: 'orders' } }], timeout }];
  const inside = document('VirtualService', 'inside', { hosts: ['orders'], http: http('7s') });
  const front = document('VirtualService', 'front', { hosts: ['*'], gateways: ['shop'], http: http('8s') });
  const found = importIstio(`${inside}\n---\n${front}`, 'theirs.yaml', hostsOf([]), []);
  assert.deepEqual(limits(found), { gateway: 8000 });
});
