import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callEdges, podPorts, policiesWith, policyOf } from '@microshop/topology';
import { gatewayApiExport } from './gateway-api.ts';

const whole = gatewayApiExport({ policies: policiesWith([]), faults: [] }, 'shop');
const backendRefs = [{ name: 'users', port: podPorts.app }];

test('a call between services: GET with the codes that are retried, other methods without', () => {
  const found = whole.documents.find(({ says }) => says.startsWith('Calls to users'));
  assert.deepEqual(found?.document, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'users', namespace: 'shop' },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'users', port: podPorts.app }],
      rules: [
        {
          name: 'orders-get',
          matches: [{ method: 'GET' }],
          backendRefs,
          timeouts: { request: '3s', backendRequest: '900ms' },
          retry: { attempts: 2, codes: [502, 503, 504], backoff: '25ms' },
        },
        { name: 'orders', backendRefs, timeouts: { request: '3s' }, retry: { attempts: 2, backoff: '25ms' } },
      ],
    },
  });
});

test('every field without a word there is lost, on every call', () => {
  const names = whole.losses.filter(({ kind }) => kind === 'policy_field').map(({ name }) => name);
  const everywhere = [
    'back_off_max_ms',
    'retry_budget_percent',
    'min_retry_concurrency',
    'max_connections',
    'max_streams',
    'max_pending_requests',
    'max_requests',
    'consecutive_5xx',
    'ejection_ms',
    'max_ejection_percent',
  ];
  for (const name of everywhere) {
    assert.equal(whole.losses.find((one) => one.name === name)?.where.length, callEdges.length, name);
  }
  for (const name of ['retry_on', 'breaker_timeout_ms', 'app_attempts'])
    assert.ok(names.includes(name), name);
  const settings = whole.losses.filter(({ kind }) => kind === 'setting').map(({ name }) => name);
  assert.deepEqual(settings, ['request_deadline_ms', 'mutual_tls_and_callers']);
});

test('conditions become the codes that every implementation knows; what is lost of them is said', () => {
  const edge = { caller: 'orders', callee: 'users' } as const;
  const policies = policiesWith([{ edge, change: { retry_on: '5xx,retriable-4xx,envoy-ratelimited' } }]);
  const { documents, losses } = gatewayApiExport({ policies, faults: [] }, 'shop');
  assert.match(JSON.stringify(documents), /"codes":\[409,500,502,503,504\]/);
  const whys = losses
    .filter(({ name, where }) => name === 'retry_on' && where.some(({ callee }) => callee === 'users'))
    .map(({ why }) => why);
  assert.ok(whys.some((why) => why.startsWith('Gateway API has no name for envoy-ratelimited')));
  assert.ok(whys.some((why) => why.startsWith('Of 5xx the codes')));
});

test('where retries are on, it is reported that a POST may be sent again', () => {
  const edge = { caller: 'orders', callee: 'users' } as const;
  const policies = policiesWith([{ edge, change: { tries: 1 } }]);
  const { losses } = gatewayApiExport({ policies, faults: [] }, 'shop');
  const loss = losses.find(({ why }) => why.endsWith('a POST that a service has seen may be sent again.'));
  assert.equal(loss?.name, 'retry_on');
  assert.equal(loss.where.length, callEdges.filter((one) => policyOf(policies, one).tries > 1).length);
  assert.ok(!loss.where.some(({ caller, callee }) => caller === edge.caller && callee === edge.callee));
});

test('a duration of any policy has the form of Gateway API', () => {
  const edge = { caller: 'gateway', callee: 'users' } as const;
  const policies = policiesWith([{ edge, change: { timeout_ms: 599_999 } }]);
  const { documents } = gatewayApiExport({ policies, faults: [] }, 'shop');
  const found = [...JSON.stringify(documents).matchAll(/"(?:request|backendRequest|backoff)":"([^"]*)"/g)];
  assert.ok(found.some(([, text]) => text === '9m59s999ms'));
  for (const [, text = ''] of found) assert.match(text, /^([0-9]{1,5}(h|m|s|ms)){1,4}$/);
});
