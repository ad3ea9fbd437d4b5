/** The gateway against a running Envoy: what services get from it, and what it answers itself. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@microshop/program-kit/testing/eventually';
import {
  callerHeader,
  deadlineHeaders,
  maxBodyBytes,
  problemMediaType,
  replicaCheck,
  requestDeadlineMs,
  type ServiceName,
  traceIdHeader,
} from '@microshop/topology';
import { type Answer, call } from './testing/call.ts';
import { logged, origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, type Handler, patienceMs, type Servers, type Upstream } from './testing/servers.ts';

const placement = testPlacement({ users: 2 });
const gateway = origin(placement.gateway.address);
const ok: Handler = (_request, response) => {
  response
    .writeHead(200, { 'content-type': 'application/json', [traceIdHeader]: 'of-the-service' })
    .end('{}');
};
const noTrace = '0'.repeat(32);

let servers: Servers;
let orders: Upstream;
let users: readonly Upstream[];

// The inbound listeners' places are taken by plain servers: the gateway is looked at alone. Nobody is in products' place.
before(async () => {
  servers = await createServers();
  const inbound = async (service: ServiceName): Promise<readonly Upstream[]> =>
    await Promise.all(
      placement.pods
        .filter((pod) => pod.service === service)
        .map((pod) => servers.serve(pod.inbound, ok, service)),
    );
  users = await inbound('users');
  const [only] = await inbound('orders');
  assert.ok(only);
  orders = only;
  await startEnvoys(servers, placement, ['gateway']);
});

after(() => servers.close());

test('starts the trace and the clock itself, whatever the client sent', async () => {
  orders.received.length = 0;
  const sentAt = Date.now();
  const answer = await call(`${gateway}/api/orders?status=PENDING`, {
    headers: {
      traceparent: '00-11111111111111111111111111111111-2222222222222222-00',
      tracestate: 'a=b',
      baggage: 'a=b',
      b3: '0',
      'x-b3-sampled': '0',
      'x-request-id': 'of-the-client',
      [traceIdHeader]: 'of-the-client',
      [deadlineHeaders.start]: '1',
      [deadlineHeaders.timeout]: '999999',
      [callerHeader]: 'orders',
      'x-envoy-max-retries': '99',
      'x-envoy-upstream-rq-timeout-ms': '1',
      'x-forwarded-for': '192.0.2.77',
      x_mesh_caller: 'orders',
      'idempotency-key': 'kept',
    },
  });
  assert.equal(answer.status, 200);
  const [got] = orders.received;
  assert.ok(got);
  assert.equal(got.url, '/api/orders?status=PENDING');

  const [version, traceId, , flags] = String(got.headers['traceparent']).split('-');
  assert.deepEqual([version, flags], ['00', '01'], 'always sampled');
  assert.notEqual(traceId, '1'.repeat(32));
  assert.equal(
    answer.headers[traceIdHeader],
    traceId,
    'the answer names the trace once, as the gateway knows it',
  );

  const start = Number(got.headers[deadlineHeaders.start]);
  assert.ok(start >= sentAt - 5 && start <= Date.now() + 5, `${start} is the time of the request`);
  assert.equal(got.headers[deadlineHeaders.timeout], String(requestDeadlineMs));
  assert.equal(got.headers[callerHeader], 'gateway');
  assert.equal(got.headers['idempotency-key'], 'kept');
  assert.match(String(got.headers['x-request-id']), /^[0-9a-f-]{36}$/);
  assert.doesNotMatch(String(got.headers['x-forwarded-for']), /192\.0\.2\.77/);
  for (const gone of [
    'baggage',
    'b3',
    'x-b3-sampled',
    'x-envoy-max-retries',
    'x-envoy-upstream-rq-timeout-ms',
    'x_mesh_caller',
  ]) {
    assert.equal(got.headers[gone], undefined, `${gone} does not get in`);
  }
  assert.ok(!String(got.headers['tracestate'] ?? '').includes('a=b'));
});

test('routes by service, with and without a trailing slash', async () => {
  for (const path of ['/api/orders', '/api/orders/', '/api/orders/7', '/docs/orders', '/docs/orders/json']) {
    orders.received.length = 0;
    assert.equal((await call(gateway + path)).status, 200, path);
    assert.equal(orders.received[0]?.url, path);
  }
  for (const path of ['/', '/api', '/api/ordersx', '/docs', '/health/ready', '/metrics']) {
    assertProblem(await call(gateway + path), 404, 'not_found', path);
  }
  for (const path of ['/', '/api/', '/docs?x', '/docs/nothing']) {
    const { detail } = (await call(gateway + path)).json();
    const leads = /; the API is described at .*\/docs\/orders/.test(String(detail));
    assert.equal(leads, path !== '/docs/nothing', String(detail));
  }
});

test('answers 413 to a body over the limit and lets one of exactly the limit pass', async () => {
  const send = (bytes: number): Promise<Answer> =>
    call(`${gateway}/api/orders`, { method: 'POST', body: Buffer.alloc(bytes, 'x') });
  orders.received.length = 0;
  assertProblem(await send(maxBodyBytes + 1), 413, 'too_large', '/api/orders');
  assert.equal(orders.received.length, 0, 'the service never saw it');
  assert.equal((await send(maxBodyBytes)).status, 200);
  assert.equal(orders.received[0]?.body.length, maxBodyBytes);
});

test('answers malformed requests with a problem, too; they have no trace', async () => {
  const refused = await call(`${gateway}/api/orders/%00`);
  assertProblem(refused, 400, 'bad_request', '/api/orders/%00');
  assert.equal(refused.headers[traceIdHeader], noTrace);

  const { host, port } = placement.gateway.address;
  const malformed = [
    ['NONSENSE\r\n\r\n', 400],
    ['GET /api/orders HTTP/1.1\r\n\r\n', 400],
    ['GET /api/orders HTTP/1.0\r\n\r\n', 426],
    [`GET /api/orders HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(200_000)}\r\n\r\n`, 431],
  ] as const;
  const check = async (bytes: string, status: number): Promise<void> => {
    const socket = connect(port, host);
    socket.setEncoding('utf8');
    let text = '';
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write(bytes);
    await once(socket, 'close');
    assert.ok(text.startsWith(`HTTP/1.1 ${status} `), text);
    for (const part of [
      `content-type: ${problemMediaType}\r\n`,
      `${traceIdHeader}: ${noTrace}\r\n`,
      '"code":"bad_request"',
      `"trace_id":"${noTrace}"`,
    ]) {
      assert.ok(text.includes(part), text);
    }
  };
  await Promise.all(malformed.map(([bytes, status]) => check(bytes, status)));
});

test('tells 503 dependency_unavailable and which, after trying a POST again where nobody had taken it', async () => {
  const answer = await call(`${gateway}/api/products`, { method: 'POST', body: '{}' });
  assertProblem(answer, 503, 'dependency_unavailable', '/api/products');
  assert.equal(answer.json()['dependency'], 'products');
  assert.equal(answer.headers['retry-after'], '1');
  const line = await logged(servers, 'gateway', String(answer.headers[traceIdHeader]));
  assert.equal(line['attempts'], 2);
  assert.match(String(line['response_flags']), /UF/);
});

test('tells 504 deadline_exceeded when a service takes longer than the gateway waits', async () => {
  const answeredAfterMs = 15_000;
  orders.handler = async (request, response) => {
    await delay(answeredAfterMs, undefined, { ref: false });
    await ok(request, response);
  };
  orders.received.length = 0;
  const begun = performance.now();
  const reading = call(`${gateway}/api/orders/1`);
  const answer = await call(`${gateway}/api/orders`, { method: 'POST', body: '{}' });
  const took = performance.now() - begun;
  const read = await reading;
  orders.handler = ok;
  assertProblem(answer, 504, 'deadline_exceeded', '/api/orders');
  assert.match(
    String(answer.json()['detail']),
    /^orders did not answer in time \(UT\); the request may have taken/,
  );
  assertProblem(read, 504, 'deadline_exceeded', '/api/orders/1');
  assert.equal(read.json()['detail'], 'orders did not answer in time (UT); nothing was changed');
  assert.ok(took > 3900 && took < answeredAfterMs, `${took} ms`);
  assert.equal(orders.received.length, 2, 'not sent again');
});

test("passes a service's own problem unchanged and does not retry", async () => {
  const own = {
    type: 'urn:own',
    title: 'Own',
    status: 503,
    detail: 'mine',
    code: 'breaker_open',
    dependency: 'users',
  };
  orders.handler = (_request, response) => {
    response
      .writeHead(503, { 'content-type': problemMediaType, 'retry-after': '5' })
      .end(JSON.stringify(own));
  };
  orders.received.length = 0;
  const answer = await call(`${gateway}/api/orders`);
  orders.handler = ok;
  assert.equal(answer.status, 503);
  assert.deepEqual(answer.json(), own);
  assert.equal(answer.headers['retry-after'], '5');
  assert.match(String(answer.headers[traceIdHeader]), /^[0-9a-f]{32}$/);
  assert.equal(orders.received.length, 1);
});

test('leaves a replica out that keeps failing, and takes the other', async () => {
  const [first, second] = users;
  assert.ok(first && second);
  // it is ready all the time: only what it answers can keep callers away
  first.handler = (request, response) => {
    response.writeHead(request.url === replicaCheck.path ? 200 : 500).end();
  };
  await eventually(
    'only the other replica is asked',
    async () => {
      first.received.length = 0;
      const answers = await Promise.all(Array.from({ length: 6 }, () => call(`${gateway}/api/users`)));
      const asked = first.received.some(({ url }) => url !== replicaCheck.path);
      return !asked && answers.every((answer) => answer.status === 200);
    },
    patienceMs,
  );
  first.handler = ok;
});
