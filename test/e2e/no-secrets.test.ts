/**
 * Nothing that a client says about itself stands in telemetry: passwords and their hashes, e-mails, names, idempotency
 * keys. Every way to an answer is gone, failures of the database included, and then all spans and all logs are searched.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import pg from 'pg';
import { mesh } from '../harness/mesh.ts';
import { endOf, inTime, newProduct, orderPlaced, placeOrder, request } from '../harness/shop.ts';
import { allLogs, leaks, tracesSince } from '../harness/telemetry-text.ts';

/** What was said, and must not be found again. */
const said = new Map<string, string>();

/** Makes up a text that is found wherever it goes (also in a path, so without spaces), and remembers it. */
function make(what: string, text = `${what.replaceAll(' ', '-')}-${randomUUID()}`): string {
  said.set(text, what);
  return text;
}

const since = new Date();
/** Traces of answers that went through a service of the shop. */
const traceIds: string[] = [];

async function say(status: number, ...[method, path, body, headers]: Parameters<typeof request>) {
  const answer = await inTime(() => request<{ id: number; detail: string }>(method, path, body, headers));
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  traceIds.push(answer.traceId);
  return answer;
}

const account = () => ({
  email: make('email', `email-${randomUUID()}@example.com`),
  name: make('name'),
  password: make('password'),
});

/** Failures that PostgreSQL reports with values in the text: SQLSTATE, and a statement with its values inline. */
const failures = (email: string): readonly (readonly [string, string])[] => [
  ['23505', `insert into users (email, name, password_hash) values ('${email}', 'x', 'x')`],
  ['23502', `insert into users (email) values ('${make('email of a failed insert')}')`],
  ['22P02', `select '${make('text that is no number')}'::integer`],
  ['42601', `select selected from '${make('text in wrong syntax')}'`],
  ['57014', `set statement_timeout = 50; select pg_sleep(5), '${make('text of a late statement')}'`],
];

async function failInDatabase(email: string): Promise<void> {
  const password = await mesh.secret('users');
  const client = new pg.Client({ ...mesh.postgres, user: 'users', database: 'users_db', password });
  await client.connect();
  try {
    for (const [code, statement] of failures(email)) {
      await assert.rejects(client.query(statement), { code }, statement);
    }
  } finally {
    await client.end();
  }
}

async function talkToUsers(): Promise<void> {
  const first = account();
  const { body: user } = await say(201, 'POST', '/api/users', first);
  const [stored] = await mesh.sql<{ password_hash: string }>(
    'users_db',
    'select password_hash from users where id = $1',
    [user.id],
  );
  make('hash', stored?.password_hash);

  // the constraint of the database refuses
  await say(409, 'POST', '/api/users', { ...account(), email: first.email });
  await say(409, 'POST', '/api/users', { ...account(), email: first.email.toUpperCase() });
  make('email in capitals', first.email.toUpperCase());

  // the schema refuses, and the parser
  await say(400, 'POST', '/api/users', { ...account(), email: make('no email') });
  await say(400, 'POST', '/api/users', { ...account(), [make('field')]: make('value of a field') });
  await say(400, 'POST', '/api/users', `{"email": "${make('email in broken JSON')}" "name"`);

  await say(200, 'POST', '/api/users/login', { email: first.email, password: first.password });
  await say(401, 'POST', '/api/users/login', { email: first.email, password: make('wrong password') });
  await say(401, 'POST', '/api/users/login', { email: make('unknown email'), password: make('password') });

  // where they do not belong
  await say(400, 'GET', `/api/users?email=${make('email in a query')}`);
  await say(400, 'GET', `/api/users?cursor=${make('cursor')}`);
  await say(400, 'GET', `/api/users/${make('email in a path')}`);
  await say(404, 'GET', `/api/users/1/${make('email below a path')}`);
  await say(404, 'GET', `/${make('email in no route')}`);
  await say(200, 'GET', '/api/users/1', undefined, {
    'user-agent': make('user agent'),
    'x-request-id': make('request id'),
    baggage: `email=${make('email in the baggage')}`,
    tracestate: `shop=${make('trace state')}`,
    from: make('header from'),
    authorization: `Bearer ${make('token')}`,
  });

  // the database refuses in the middle: a statement that takes too long is cancelled
  await mesh.locked('users', 'users', async () => {
    const late = await Promise.all([
      request('POST', '/api/users', account()),
      request('POST', '/api/users/login', { email: make('late email'), password: make('late password') }),
    ]);
    // on a busy machine the gateway's limit can come before the statement's
    for (const { status } of late) assert.ok([503, 504].includes(status), `${status}`);
    traceIds.push(...late.map(({ traceId }) => traceId));
  });
  await failInDatabase(first.email);
}

async function talkToProducts(): Promise<void> {
  const price = 9.99;
  const product = { name: make('product'), description: make('description'), price, stock: 10 };
  const { body } = await say(201, 'POST', '/api/products', product);
  await say(200, 'GET', `/api/products/${body.id}`);
  await say(200, 'GET', `/api/products?ids=${body.id}`);
  await say(200, 'PATCH', `/api/products/${body.id}`, { name: make('new name of a product') });
  await say(200, 'GET', '/api/products?limit=100');
  await say(200, 'POST', `/api/products/${body.id}/stock`, { delta: 1, reason: make('reason') });
}

async function talkToOrders(): Promise<void> {
  const product = await newProduct(100);
  const order = { user_id: 1, product_id: product.id, quantity: 1 };
  const key = make('key');
  const [placed, again] = [await orderPlaced(order, key), await orderPlaced(order, key)];
  assert.equal(again.body.id, placed.body.id);
  const other = await inTime(() => placeOrder({ ...order, quantity: 2 }, key));
  const keyOfTooMany = make('key of too many');
  const tooMany = await inTime(() => placeOrder({ ...order, quantity: 1000 }, keyOfTooMany));
  assert.deepEqual([other.status, tooMany.status], [422, 400]);
  const late = await mesh.locked('orders', 'orders', () => placeOrder(order, make('late key')));
  assert.ok([503, 504].includes(late.status), `${late.status}`);
  traceIds.push(...[placed, again, other, tooMany, late].map(({ traceId }) => traceId));
  await endOf(placed.body.id);
}

describe('what a client says about itself, and what the mesh keeps secret,', () => {
  before(async () => {
    for (const role of ['postgres', 'users', 'products', 'orders', 'audit', 'rabbitmq', 'redis']) {
      make(`password of ${role}`, await mesh.secret(role));
    }
    make('token of the control service', (await mesh.token()).trim());
    // one after the other: an order asks for its user, whose table is locked meanwhile
    await talkToUsers();
    await talkToProducts();
    await talkToOrders();
  });
  after(() => said.clear());

  test('stands in no span', async () => {
    const traces = await eventuallyDespiteErrors('the spans of every answer are there', async () => {
      const found = await tracesSince(since);
      return traceIds.every((id) => found.get(id)?.includes('"serviceName":"gateway"')) ? found : undefined;
    });
    // what is searched is all there is: each part has its spans, and those of statements have a text
    for (const service of ['users', 'products', 'orders']) {
      for (const name of [service, `${service}-sidecar`]) {
        assert.ok(
          [...traces.values()].some((text) => text.includes(`"serviceName":"${name}"`)),
          name,
        );
      }
    }
    assert.ok([...traces.values()].some((text) => text.includes('insert into \\"users\\"')));
    assert.ok(said.size > 30);
    assert.deepEqual(leaks(traces, said), []);
  });

  test('stands in no log', async () => {
    const logs = await eventuallyDespiteErrors('the requests are logged', async () => {
      const all = await allLogs();
      return traceIds.every((id) => all.get('gateway')?.includes(id)) ? all : undefined;
    });
    for (const [part, text] of logs) assert.notEqual(text, '', `${part} has written nothing`);
    assert.deepEqual(leaks(logs, said), []);
  });
});
