/** The logs: one shape everywhere, one story per order, nothing in them that does not belong there. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { untilShown } from '../harness/command.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted, endOf, inTime, newProduct, newUser, placeOrder, request } from '../harness/shop.ts';
import { completeTrace } from '../harness/traces.ts';

type Line = Readonly<Record<string, unknown>>;

/** Everything of ours that writes a log; the servers (PostgreSQL, RabbitMQ, …) write their own forms. */
const writers = [
  'gateway',
  ...['users', 'products', 'orders'].flatMap((service) => [service, `${service}-sidecar`]),
  'control',
];

/** What all parts together may write about an order, bytes: 5,500 were measured, in both modes (docs/reference/telemetry.md). */
const orderLogBytes = 6200;

async function logOf(part: string): Promise<string[]> {
  const text = await mesh.logs(part);
  assert.notEqual(text, '', `${part} has written nothing`);
  // what is being written now has no end yet
  return text.slice(0, text.lastIndexOf('\n')).split('\n');
}

const levels = new Set(['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'critical']);

test('every line of every log of ours is JSON of one shape', async () => {
  const logs = await Promise.all(writers.map(async (part) => [part, await logOf(part)] as const));
  for (const [part, lines] of logs) {
    for (const text of lines) {
      const line: Line = JSON.parse(text);
      assert.match(`${line['time']}`, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, text);
      assert.ok(levels.has(`${line['level']}`), text);
      assert.equal(line['service'], part, text);
      assert.equal(typeof line['msg'], 'string', text);
      if (line['trace_id'] !== undefined) assert.match(`${line['trace_id']}`, /^[0-9a-f]{32}$/, text);
      if (line['span_id'] !== undefined) assert.match(`${line['span_id']}`, /^[0-9a-f]{16}$/, text);
    }
  }
});

/** The answer to an order that was accepted: a busy machine may refuse some. */
async function orderAccepted() {
  const [user, product] = await Promise.all([newUser(), newProduct(10)]);
  return await accepted(() => placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 }));
}

/** An order that has ended, with every line about it. */
async function orderTold() {
  const { body } = await orderAccepted();
  await endOf(body.id);
  const { trace_id: traceId } = await completeTrace(body.id);
  // an Envoy writes its lines within a second
  const story = await untilShown('every part has written its lines', async () => {
    const { stdout } = await mesh.hostCli(['logs', '--order', `${body.id}`, '--json']);
    const { lines }: { lines: { part: string; time: number; text: string }[] } = JSON.parse(stdout);
    const parts = new Set(lines.map(({ part }) => part));
    const all = writers.filter((part) => part !== 'control').every((part) => parts.has(part));
    return all && lines.some(({ text }) => text.includes('order ended')) ? lines : undefined;
  });
  return { body, traceId, story };
}

test('`logs --order` tells one story, from the gateway to the consumers, in time', async () => {
  // on a busy machine a call may need a second attempt, whose lines are more
  const { body, traceId, story } = await eventually('an order whose calls had one attempt each', async () => {
    const told = await orderTold();
    return told.story.some(({ text }) => /"attempts":[2-9]/.test(text)) ? undefined : told;
  });
  assert.deepEqual(
    story.map(({ time }) => time),
    story.map(({ time }) => time).sort((one, other) => one - other),
  );
  assert.ok(story.every(({ text }) => text.includes(traceId ?? 'no trace')));
  const bytes = story.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);
  assert.ok(bytes <= orderLogBytes, `${bytes} bytes:\n${story.map(({ text }) => text).join('\n')}`);
  const consumed = story.filter(({ text }) => text.includes('message took effect'));
  assert.deepEqual(consumed.map(({ part }) => part).sort(), ['orders', 'products']);

  const { stdout } = await mesh.hostCli(['logs', '--order', `${body.id}`]);
  const told = stdout.trimEnd().split('\n');
  assert.ok(told.length > story.length, 'a line for each, and a head');
  for (const sentence of [
    /^\S+ +gateway +[\d.]+ +request of a client: POST \/api\/orders 201$/,
    /^\S+ +products-sidecar +[\d.]+ +request from orders: GET \/api\/products\?ids=\d+ 200$/,
    /^\S+ +products +message took effect, event ORDER_CREATED, queue products\.orders$/,
    /^\S+ +orders +order ended, order \d+, status CONFIRMED$/,
  ]) {
    assert.ok(
      told.some((line) => sentence.test(line)),
      `${sentence} in\n${stdout}`,
    );
  }
});

test('no password and no body stands in any log', async () => {
  const secret = `secret-${randomUUID()}`;
  const name = `Somebody ${randomUUID()}`;
  const email = `${randomUUID()}@example.com`;
  const created = await inTime(() => request('POST', '/api/users', { email, name, password: secret }));
  assert.equal(created.status, 201);
  await request('POST', '/api/users/login', { email, password: secret });
  await request('POST', '/api/users', { email, name, password: secret, extra: 1 });
  const own = await Promise.all(
    ['postgres', 'users', 'products', 'orders', 'audit', 'rabbitmq'].map((of) => mesh.secret(of)),
  );
  // the last request's line is there, so those before it are
  await eventuallyDespiteErrors('the requests are logged', async () =>
    (await logOf('users')).some((line) => line.includes(created.traceId)) ? true : undefined,
  );
  const parts = [...writers, 'jaeger', 'prometheus', 'postgres', 'rabbitmq', 'redis'];
  await Promise.all(
    parts.map(async (part) => {
      const log = (await logOf(part)).join('\n');
      for (const text of [secret, name, email, ...own]) assert.ok(!log.includes(text), `${part}: ${text}`);
    }),
  );
});
