/** The sidecars against running Envoys: who may call whom, what is retried, what reaches the app. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  callerHeader,
  deadlineHeaders,
  edgePolicy,
  type Placement,
  podPorts,
  problemMediaType,
} from '@microshop/topology';
import { type Answer, call } from './testing/call.ts';
import { logged, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, type Handler, type Servers, type Upstream } from './testing/servers.ts';

const placement = testPlacement();
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const ok: Handler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
};
const failing: Handler = (_request, response) => {
  response.writeHead(503, { 'content-type': problemMediaType }).end('{"code":"overloaded"}');
};

/** Headers by which Envoy lets a trusted client ask for retries; the address makes the client look trusted. */
const wishes = { 'x-envoy-max-retries': '9', 'x-envoy-retry-on': '5xx', 'x-forwarded-for': '10.0.0.1' };

let servers: Servers;
let users: Upstream;

// Orders calls users. Products has neither app nor sidecar.
before(async () => {
  servers = await createServers();
  users = await servers.serve({ host: addressOf('users'), port: podPorts.app }, ok);
  await startEnvoys(servers, placement, ['orders-sidecar', 'users-sidecar']);
});

after(() => servers.close());

beforeEach(() => {
  users.handler = ok;
  users.received.length = 0;
});

function addressOf(service: string, of: Placement = placement): string {
  const pod = of.pods.find((candidate) => candidate.service === service);
  assert.ok(pod);
  return pod.localBind;
}

/** A call of an app through its outbound listener. */
async function callFrom(
  caller: string,
  host: string,
  options: { method?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return await call(`http://${addressOf(caller)}:${podPorts.outbound}${options.path ?? '/api/users/1'}`, {
    method: options.method ?? 'GET',
    headers: { host, traceparent, ...options.headers },
  });
}

function attempts(): readonly unknown[] {
  return users.received.map((request) => request.headers['x-envoy-attempt-count']);
}

test('a call reaches the callee in the same trace, with the deadline, and with the true caller', async () => {
  const answer = await callFrom('orders', 'users', {
    headers: {
      [deadlineHeaders.start]: '1700000000000',
      [deadlineHeaders.timeout]: '3500',
      [callerHeader]: 'gateway',
      'x-request-id': 'kept',
    },
  });
  assert.equal(answer.status, 200);
  const [got] = users.received;
  assert.ok(got);
  assert.equal(got.url, '/api/users/1');
  assert.equal(got.headers['host'], 'users');
  assert.equal(got.headers[deadlineHeaders.start], '1700000000000');
  assert.equal(got.headers[deadlineHeaders.timeout], '3500');
  assert.equal(got.headers[callerHeader], 'orders');
  assert.equal(got.headers['x-request-id'], 'kept');
  assert.match(String(got.headers['traceparent']), new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  assert.ok(!String(got.headers['traceparent']).includes('00f067aa0ba902b7'), 'its parent is the sidecar');
});

test('the port in the host name does not matter', async () => {
  assert.equal((await callFrom('orders', `users:${podPorts.outbound}`)).status, 200);
});

test('a GET that fails is tried three times, the app cannot ask for more', async () => {
  users.handler = failing;
  const answer = await callFrom('orders', 'users', {
    headers: wishes,
  });
  assert.equal(answer.status, 503);
  assert.equal(answer.json()['code'], 'overloaded', "the last attempt's answer passes unchanged");
  assert.deepEqual(attempts(), ['1', '2', '3']);
});

test('a GET that succeeds at last is a success', async () => {
  users.handler = (request, response) =>
    users.received.length < 3 ? failing(request, response) : ok(request, response);
  assert.equal((await callFrom('orders', 'users')).status, 200);
  assert.deepEqual(attempts(), ['1', '2', '3']);
});

test('4xx are answers: nothing is retried', async () => {
  users.handler = (_request, response) => {
    response.writeHead(404).end();
  };
  assert.equal((await callFrom('orders', 'users')).status, 404);
  assert.deepEqual(attempts(), ['1']);
});

test('a POST that fails is never retried, even when the app asks for it', async () => {
  users.handler = failing;
  assert.equal((await callFrom('orders', 'users', { method: 'POST', headers: wishes })).status, 503);
  assert.deepEqual(attempts(), ['1']);
});

test('each attempt has its own limit; when all exceed it the caller gets 504', async () => {
  const answeredAfterMs = 15_000;
  users.handler = async (request, response) => {
    await delay(answeredAfterMs, undefined, { ref: false });
    await ok(request, response);
  };
  const begun = performance.now();
  const answer = await callFrom('orders', 'users');
  const took = performance.now() - begun;
  assertDependencyProblem(answer, 504, 'dependency_timeout', 'users');
  assert.deepEqual(attempts(), ['1', '2', '3']);
  const leastMs = edgePolicy.tries * edgePolicy.perTryTimeoutMs - 20;
  assert.ok(took >= leastMs && took < answeredAfterMs, `${took} ms`);
});

test('a callee whose sidecar is down is unavailable after three attempts', async () => {
  const answer = await callFrom('orders', 'products', {
    path: '/api/products?ids=1',
    headers: { traceparent: traceparent.replace('4bf9', '4bfa') },
  });
  assertDependencyProblem(answer, 503, 'dependency_unavailable', 'products');
  assert.equal(answer.headers['retry-after'], '1');
  const line = await logged(servers, 'orders-sidecar', traceId.replace('4bf9', '4bfa'));
  assert.equal(line['attempts'], 3);
  assert.match(String(line['response_flags']), /URX/);
});

test('a callee whose app is down is reported by its own sidecar', async () => {
  await users.close();
  const answer = await callFrom('orders', 'users', {
    headers: { traceparent: traceparent.replace('4bf9', '4bfb') },
  });
  users = await servers.serve({ host: addressOf('users'), port: podPorts.app }, ok);
  assertDependencyProblem(answer, 503, 'dependency_unavailable', 'users');
  const line = await logged(servers, 'users-sidecar', traceId.replace('4bf9', '4bfb'));
  assert.equal(line['direction'], 'inbound');
  assert.equal(line['caller'], 'orders');
  assert.equal(line['caller_attempt'], '1');
  assert.match(String(line['response_flags']), /UF/);
  assert.equal(line['attempts'], 1, 'no attempts of its own');
});

test('calls the topology does not name are refused', async () => {
  for (const [caller, host] of [
    ['orders', 'payments'],
    ['orders', 'orders'],
    ['users', 'products'],
  ] as const) {
    const answer = await callFrom(caller, host);
    assert.equal(answer.status, 403, `${caller} to ${host}`);
    assert.equal(answer.headers['content-type'], problemMediaType);
    const problem = answer.json();
    assert.equal(problem['code'], 'forbidden');
    assert.equal(problem['detail'], `The topology has no call from ${caller} to "${host}"`);
    assert.equal(problem['trace_id'], traceId);
  }
});

function assertDependencyProblem(answer: Answer, status: number, code: string, dependency: string): void {
  assertProblem(answer, status, code, `/api/${dependency}${dependency === 'users' ? '/1' : ''}`);
  assert.equal(answer.json()['dependency'], dependency);
  assert.match(String(answer.json()['trace_id']), /^4bf/, "the caller's trace");
}
