import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadlineHeaders } from '@microshop/topology';
import { Type } from 'typebox';
import { createMeshClient } from './client.ts';
import { deadlineFromHeaders } from './deadline.ts';
import { ResponseBodyError } from './errors.ts';
import { answer, anything, classes, deadline, failure, hang, sidecar, until } from './testing/sidecar.ts';

describe('an answer', () => {
  it('of 200 comes with its body, typed by the schema', async (t) => {
    const { users, behave, lines } = await sidecar(t);
    behave(answer(200, '{"id":7,"name":"Ada"}'));
    const response = await users.get('/api/users/7', {
      deadline: deadline(),
      schema: Type.Object({ id: Type.Integer(), name: Type.String() }),
    });
    assert.ok(response.ok);
    assert.equal(response.body.name, 'Ada');
    const [line] = lines;
    assert.equal(lines.length, 1);
    assert.equal(typeof line?.['duration_ms'], 'number');
    assert.deepEqual(
      { ...line, duration_ms: 0 },
      {
        peer: 'users',
        method: 'GET',
        url: 'http://users/api/users/7',
        breaker_state: 'closed',
        status: 200,
        duration_ms: 0,
        error_class: undefined,
        message: 'call to a peer',
      },
    );
  });

  it('is asked for in the name of the peer, with the deadline', async (t) => {
    const { users, seen } = await sidecar(t);
    const limit = deadline(2500);
    await users.get('/api/users/7?x=1', {
      schema: anything,
      deadline: limit,
      headers: { 'x-note': 'a', host: 'elsewhere' },
    });
    const [request] = seen;
    assert.equal(request?.url, '/api/users/7?x=1');
    assert.equal(request?.headers.host, 'users');
    assert.equal(request?.headers['x-note'], 'a');
    assert.equal(request?.headers[deadlineHeaders.timeout], '2500');
    assert.equal(request?.headers[deadlineHeaders.start], limit.headers()[deadlineHeaders.start]);
  });

  for (const [status, errorClass] of [
    [404, 'not_found'],
    [400, 'bad_request'],
    [429, 'bad_request'],
  ] as const) {
    it(`of ${status} is an answer and is logged as ${errorClass}`, async (t) => {
      const { users, behave, lines } = await sidecar(t);
      behave(answer(status, '{"code":"some"}'));
      const response = await users.get('/api/users/7', {
        deadline: deadline(),
        schema: Type.Object({ id: Type.Integer() }),
      });
      assert.equal(response.ok, false);
      assert.equal(response.status, status);
      assert.deepEqual(response.body, { code: 'some' });
      assert.equal(lines[0]?.['error_class'], errorClass);
    });
  }

  it('of 4xx never opens the breaker', async (t) => {
    const { users, behave } = await sidecar(t);
    behave(answer(404));
    assert.deepEqual(new Set(await classes(users, 30)), new Set(['ok']));
  });
});

describe('a failure', () => {
  for (const [status, errorClass] of [
    [503, 'dependency_unavailable'],
    [500, 'dependency_unavailable'],
    [502, 'dependency_unavailable'],
    [302, 'dependency_unavailable'],
    [504, 'dependency_timeout'],
  ] as const) {
    it(`of ${status} is ${errorClass}`, async (t) => {
      const { users, behave, lines } = await sidecar(t);
      behave(answer(status));
      const error = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
      assert.equal(error.errorClass, errorClass);
      assert.equal(error.peer, 'users');
      assert.equal(error.status, status);
      assert.equal(error.retryAfterSeconds, 1);
      assert.equal(lines[0]?.['error_class'], errorClass);
      assert.equal(lines[0]?.['status'], status);
    });
  }

  it('of the connection is dependency_unavailable: no sidecar', async (t) => {
    const { users, stop } = await sidecar(t);
    await stop();
    const error = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.equal(error.errorClass, 'dependency_unavailable');
    assert.match(error.message, /ECONNREFUSED/);
    assert.ok(error.cause instanceof Error);
  });

  it('of the connection is dependency_unavailable: closed without an answer, or within one', async (t) => {
    const { users, behave } = await sidecar(t);
    behave((request) => request.socket.destroy());
    assert.equal(
      (await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }))).errorClass,
      'dependency_unavailable',
    );
    behave((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setImmediate(() => request.socket.destroy());
    });
    assert.equal(
      (await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }))).errorClass,
      'dependency_unavailable',
    );
  });

  it('of the body is dependency_unavailable: not JSON, not the schema, too long', async (t) => {
    const { users, behave } = await sidecar(t);
    behave(answer(200, 'no healthy upstream'));
    const notJson = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.equal(notJson.errorClass, 'dependency_unavailable');
    assert.ok(notJson.cause instanceof ResponseBodyError);

    behave(answer(200, '{"id":"7"}'));
    const schema = Type.Object({ id: Type.Integer() });
    const notAgreed = await failure(users.get('/api/users/1', { deadline: deadline(), schema }));
    assert.equal(notAgreed.errorClass, 'dependency_unavailable');
    assert.ok(notAgreed.cause instanceof ResponseBodyError);

    behave(answer(200, JSON.stringify('x'.repeat(1024 * 1024))));
    const tooLong = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.equal(tooLong.errorClass, 'dependency_unavailable');
  });

  it('to answer within the limit of the breaker is dependency_timeout, and the request is given up', async (t) => {
    const { users, behave, seen } = await sidecar(t, { timeoutMs: 150 });
    behave(hang);
    const error = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.equal(error.errorClass, 'dependency_timeout');
    await until(() => seen[0]?.socket.destroyed === true);
  });

  it('to answer in full within the limit is dependency_timeout too', async (t) => {
    const { users, behave } = await sidecar(t, { timeoutMs: 150 });
    behave((_request, response) => void response.writeHead(200).write('{"id":'));
    const error = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline() }));
    assert.equal(error.errorClass, 'dependency_timeout');
  });

  it('because there is no time left is deadline_exceeded: nothing is sent after the deadline', async (t) => {
    const { users, seen, lines } = await sidecar(t);
    const past = deadlineFromHeaders({}, Date.now() - 10_000);
    const error = await failure(users.get('/api/users/1', { schema: anything, deadline: past }));
    assert.equal(error.errorClass, 'deadline_exceeded');
    assert.equal(error.retryAfterSeconds, undefined);
    assert.equal(seen.length, 0);
    assert.equal(lines[0]?.['error_class'], 'deadline_exceeded');
  });

  it('because there is no time left is deadline_exceeded: a call under way ends with the deadline', async (t) => {
    const { users, behave, seen } = await sidecar(t);
    behave(hang);
    const startedAt = performance.now();
    const error = await failure(users.get('/api/users/1', { schema: anything, deadline: deadline(200) }));
    assert.equal(error.errorClass, 'deadline_exceeded');
    assert.ok(performance.now() - startedAt < 3000, 'sooner than the policy would end it');
    await until(() => seen[0]?.socket.destroyed === true);
  });

  it('of one call does not end the others', async (t) => {
    const { users, behave } = await sidecar(t, { timeoutMs: 400 });
    // The others are answered once the slow one is given up: they are under way at that moment.
    const givenUp = new Promise<void>((resolve) => {
      behave((request, response) => {
        if (request.url === '/slow') response.once('close', resolve);
        else void givenUp.then(() => answer(200, '{}')(request, response));
      });
    });
    const slow = failure(users.get('/slow', { schema: anything, deadline: deadline() }));
    // The time is the subject: they begin late enough to have time left of their own.
    await sleep(200);
    const others = Array.from({ length: 5 }, () =>
      users.get('/fast', { schema: anything, deadline: deadline() }),
    );
    assert.equal((await slow).errorClass, 'dependency_timeout');
    for (const response of await Promise.all(others)) assert.equal(response.status, 200);
  });
});

describe('without a sidecar', () => {
  it('each peer is asked at its own address, and one without an address is refused at once', async (t) => {
    const asked: string[] = [];
    const addressOf = async (peer: string) => {
      const server = createServer((request, response) => {
        asked.push(`${peer} ${request.url}`);
        answer(200, '{}')(request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      t.after(() => server.close());
      const address = server.address();
      return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    };
    const users = await addressOf('users');
    const quiet = { info() {}, warn() {} };
    const outboundUrl = new Map([
      ['users', users],
      ['products', await addressOf('products')],
    ]);
    const client = createMeshClient({ outboundUrl, caller: 'orders', logger: quiet });
    t.after(() => client.close());
    for (const peer of ['products', 'users'] as const) {
      await client.peer(peer).get(`/of/${peer}`, { schema: anything, deadline: deadline() });
    }
    assert.deepEqual(asked, ['products /of/products', 'users /of/users']);
    const some = new Map([['users', users]]);
    assert.throws(
      () => createMeshClient({ outboundUrl: some, caller: 'orders', logger: quiet }),
      /no address of products/,
    );
  });
});
