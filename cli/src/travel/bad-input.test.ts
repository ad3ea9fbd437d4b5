/** What cannot be taken over is refused with its file, its document, its line, its field, and the fix. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../output/errors.ts';
import { goDurationMs } from './durations.ts';
import { hostsOf } from './hosts.ts';
import { importIstio, importLines, importReport } from './import.ts';

/** A VirtualService whose one route has these fields. */
const route = (...fields: readonly string[]) =>
  [
    'apiVersion: networking.istio.io/v1',
    'kind: VirtualService',
    'metadata: {name: cart}',
    'spec:',
    '  hosts: [products]',
    '  http:',
    '    - route: [{destination: {host: products}}]',
    ...fields.map((field) => `      ${field}`),
  ].join('\n');

/** A DestinationRule with that policy. */
const rule = (policy: string, host = 'products') =>
  [
    'apiVersion: networking.istio.io/v1',
    'kind: DestinationRule',
    'metadata: {name: cart}',
    `spec: {host: ${host}, trafficPolicy: ${policy}}`,
  ].join('\n');

const refusals: readonly (readonly [what: string, source: string, says: string | RegExp])[] = [
  ['what is no YAML', 'kind: [', /^theirs\.yaml, document 1, line 1: /],
  [
    'objects of JSON with nothing between them, as one mistake',
    '{"kind": "List"}\n{"kind": "List"}\n{"kind": "List"}\n',
    /^theirs\.yaml, document 1, line 2: Unexpected .*; a line with --- goes between documents, and Helm renders templates \(helm template\)$/,
  ],
  [
    'a template of Helm',
    'kind: VirtualService\nhost: {{ .Values.host }}-live\n',
    /^theirs\.yaml, document 1, line 2: .*Helm renders templates \(helm template\)$/,
  ],
  [
    'keys that stand twice, each',
    'kind: a\nkind: b\nspec: {}\nspec: {}\n',
    'theirs.yaml, document 1, line 2: Map keys must be unique\ntheirs.yaml, document 1, line 4: Map keys must be unique',
  ],
  ['an empty file', '', 'theirs.yaml contains no document'],
  ['documents with nothing in them', '---\n---\n', 'theirs.yaml contains no document'],
  [
    'a list',
    '- a\n- b\n',
    'theirs.yaml, document 1, line 1: a resource is a map with apiVersion, kind and spec',
  ],
  [
    'a file of policies of ours',
    'policies:\n  - {caller: orders}\n',
    /^theirs\.yaml, document 1, line 1: apiVersion is missing: a resource has apiVersion, kind and spec\n/,
  ],
  [
    'a kind that is a number',
    'apiVersion: v1\nkind: 5\n',
    'theirs.yaml, document 1, line 2: kind must be a text, not 5',
  ],
  [
    'a host that is no service, in a route',
    route('timeout: 2s').replace('host: products', 'host: cart'),
    'theirs.yaml, document 1 (VirtualService cart), line 7: spec.http[0].route[0].destination.host is "cart", which is not a service here; say which one it stands for: --as <service>=cart',
  ],
  [
    'a host that is no service, in the second document',
    `${route('timeout: 2s')}\n---\n${rule('{}', 'cart.prod.svc.cluster.local')}`,
    /^theirs\.yaml, document 2 \(DestinationRule cart\), line 13: spec\.host is "cart\.prod\.svc\.cluster\.local", .* --as <service>=cart\.prod/,
  ],
  [
    'a destination without a host',
    route('timeout: 2s').replace('{host: products}', '{subset: v1}'),
    /line 7: spec\.http\[0\]\.route\[0\]\.destination\.host is missing$/,
  ],
  [
    'a time without a unit',
    route('timeout: 5'),
    'theirs.yaml, document 1 (VirtualService cart), line 8: spec.http[0].timeout must be a duration from 1ms to 10m, such as 500ms, 2s or 1m30s, not 5',
  ],
  ['a time of nothing', route('timeout: 0s'), /line 8: spec\.http\[0\]\.timeout must be .*, not "0s"$/],
  ['an hour', route('timeout: 1h'), /line 8: spec\.http\[0\]\.timeout must be .* to 10m, .*, not "1h"$/],
  ['a time in words', route('timeout: soon'), /timeout must be a duration .*, not "soon"$/],
  [
    'a time of an attempt that is negative',
    route('retries: {attempts: 2, perTryTimeout: -1s}'),
    /line 8: spec\.http\[0\]\.retries\.perTryTimeout must be a duration .*, not "-1s"$/,
  ],
  [
    'attempts as a text',
    route("retries: {attempts: '2'}"),
    /retries\.attempts must be a whole number from 0 to 9, not "2"$/,
  ],
  [
    'attempts as a text, beside what they are for',
    route("retries: {attempts: '2', retryOn: 5xx}"),
    'theirs.yaml, document 1 (VirtualService cart), line 8: spec.http[0].retries.attempts must be a whole number from 0 to 9, not "2"',
  ],
  [
    'no attempts, but how long each may take',
    route('retries: {perTryTimeout: 1s}'),
    /line 8: spec\.http\[0\]\.retries\.attempts is missing, and Istio then refuses perTryTimeout beside it: say how many retries there are$/,
  ],
  ['too many attempts', route('retries: {attempts: 10}'), /attempts must be .* from 0 to 9, not 10$/],
  [
    'a condition that Istio does not know',
    route('retries: {attempts: 2, retryOn: "5xx,gatway-error"}'),
    /retries\.retryOn names gatway-error, which Istio does not know$/,
  ],
  [
    'a condition with the name of something in JavaScript',
    route('retries: {attempts: 2, retryOn: constructor}'),
    /retries\.retryOn names constructor, which Istio does not know$/,
  ],
  [
    'a word about retries where there are none',
    route('retries: {attempts: 0, retryOn: 5xx}'),
    /line 8: spec\.http\[0\]\.retries\.attempts is 0, and Istio then refuses retryOn beside it: leave it out$/,
  ],
  ['a list for a map', route('retries: [2]'), /spec\.http\[0\]\.retries must be a map, not a list$/],
  [
    'a map for a list',
    route('timeout: 2s').replace('hosts: [products]', 'hosts: {a: b}'),
    /line 5: spec\.hosts must be a list, not a map$/,
  ],
  [
    'a number of connections that is none',
    rule('{connectionPool: {tcp: {maxConnections: many}}}'),
    /line 4: spec\.trafficPolicy\.connectionPool\.tcp\.maxConnections must be a whole number from 0 to 4294967295, not "many"$/,
  ],
  [
    'a share above all',
    rule('{retryBudget: {percent: 120}}'),
    /spec\.trafficPolicy\.retryBudget\.percent must be a number from 0 to 100, not 120$/,
  ],
  [
    'two mistakes',
    route('timeout: 5', 'retries: {attempts: -1}'),
    /line 8: spec\.http\[0\]\.timeout must [^\n]*\n[^\n]*line 9: spec\.http\[0\]\.retries\.attempts must /,
  ],
  [
    'an alias that leads nowhere',
    'apiVersion: v1\nkind: *what\n',
    /^theirs\.yaml, document 1.*: .*(alias|anchor).*what/i,
  ],
  [
    'kinds that have nothing like them here, and no other',
    'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\n',
    /^theirs\.yaml has nothing to import for a call here: no VirtualService .*, and no .*\ntheirs\.yaml, document 1 \(Service cart\): there is nothing like it here$/,
  ],
  ['a route that says nothing', route(), /^theirs\.yaml has nothing to import/],
  [
    'a route that no call here takes, with the reason',
    route('match: [{sourceLabels: {app: basket}}]', 'timeout: 2s'),
    /^theirs\.yaml has nothing to import [^\n]*\n.*sourceLabels: no service here has that name in .*; --as <service>=<name> says which one it stands for\n/,
  ],
  [
    'a rule for every host',
    rule('{connectionPool: {tcp: {maxConnections: 5}}}', '"*.shop.svc.cluster.local"'),
    /\(DestinationRule cart\), spec\.host: it stands for several hosts: a rule is taken over for one\n/,
  ],
];

for (const [what, source, says] of refusals) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => importIstio(source, 'theirs.yaml', hostsOf([]), []),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        if (typeof says === 'string') assert.equal(error.message, says);
        else assert.match(error.message, says);
        return true;
      },
    );
  });
}

test('durations are read in every form of Go', () => {
  for (const [text, ms] of [
    ['1h', 3_600_000],
    ['1m30s', 90_000],
    ['0.5s', 500],
    ['.5s', 500],
    ['500ms', 500],
    ['2s850ms', 2850],
    ['1500us', 1.5],
    ['1.005s', 1005],
    ['0.1ms0.2ms', 0.3],
    ['0', 0],
    ['0s', 0],
    ['5', undefined],
    ['', undefined],
    ['1 s', undefined],
    ['-1s', undefined],
    ['1d', undefined],
    ['s', undefined],
  ] as const) {
    assert.equal(goDurationMs(text), ms, text);
  }
});

test('a host is known in short and in full, our own by its name', () => {
  const hosts = hostsOf(['orders=checkout', 'users=accounts.prod.svc.cluster.local', 'users=people']);
  for (const [host, service] of [
    ['orders', 'orders'],
    ['orders.shop', 'orders'],
    ['orders.shop.svc.cluster.local', 'orders'],
    ['orders.example.com', undefined],
    ['orders-v2', undefined],
    ['checkout', 'orders'],
    ['checkout.prod.svc', 'orders'],
    ['accounts.prod', 'users'],
    ['accounts.prod.svc.cluster.local', 'users'],
    ['accounts.test.svc.cluster.local', undefined],
    ['people', 'users'],
  ] as const) {
    assert.equal(hosts.serviceOf(host), service, host);
  }
});

test('two hosts of one name in two namespaces are told apart; one may be typed twice', () => {
  const hosts = hostsOf(['orders=cart.shop', 'users=cart.people', 'orders=cart.shop']);
  assert.equal(hosts.serviceOf('cart.people.svc.cluster.local'), 'users');
  assert.deepEqual(hosts.unused(), ['orders=cart.shop', 'orders=cart.shop']);
  assert.equal(hosts.serviceOf('cart.shop'), 'orders');
  assert.deepEqual(hosts.unused(), []);
});

test('what --as says of a name that the file does not have is named', () => {
  const hosts = hostsOf(['products=catalogue', 'users=acounts']);
  const source = route('timeout: 2s').replace('host: products', 'host: catalogue');
  const found = importIstio(source, 'theirs.yaml', hosts, []);
  const line = '--as users=acounts: theirs.yaml has no host and no label of that name';
  assert.ok(importLines('theirs.yaml', found).includes(line));
  assert.deepEqual(importReport('theirs.yaml', found), {
    file: 'theirs.yaml',
    not_taken: found.notTaken,
    stays: found.stays,
    unused_as: ['users=acounts'],
  });
  assert.throws(
    () => importIstio(rule('{}'), 'theirs.yaml', hostsOf(['users=acounts']), []),
    (error) => error instanceof UsageError && error.message.endsWith(`\n${line}`),
  );
});

test('--as is read, or refused with the fix', () => {
  for (const [typed, says] of [
    [['cart'], /^--as must be a service here and a host of theirs, such as users=their-host, not "cart"; /],
    [['cart=orders'], /not "cart=orders"; the services are users, products, orders$/],
    [['orders='], /not "orders="/],
    [['orders=a=b'], /not "orders=a=b"/],
    [['orders=cart', 'users=cart'], /^--as: cart cannot stand for orders and for users; leave one out$/],
    [
      ['orders=cart', 'users=cart.people.svc'],
      /^--as: cart \(orders\) and cart\.people\.svc \(users\) may be one host; name both in full$/,
    ],
  ] as const) {
    assert.throws(() => hostsOf(typed), { name: 'UsageError', message: says });
  }
});
