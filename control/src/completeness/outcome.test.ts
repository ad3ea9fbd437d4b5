import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from '@microshop/topology';
import { expectedHops, type Hop } from '../trace/expected.ts';
import { endOf, type Span } from '../trace/span.ts';
import { recordedOrder } from '../trace/testing/recorded.ts';
import { type Gap, gapsIn } from './gaps.ts';
import { brokenTree, judge, writerOf } from './outcome.ts';

const recorded = recordedOrder();

/** The spans of an order whose events carry no trace context: what follows the outbox begins traces of its own. */
function withoutPropagation(): Span[] {
  const lost = new Set(
    recorded.filter((span) => span.kind === 'producer' && span.service === 'orders').map((s) => s.span_id),
  );
  assert.equal(lost.size, 1);
  for (let size = 0; size !== lost.size; ) {
    size = lost.size;
    for (const span of recorded) if (lost.has(span.parent_id ?? '')) lost.add(span.span_id);
  }
  return recorded.filter((span) => !lost.has(span.span_id));
}

const atMs = (span: Span | undefined): number => (span === undefined ? 0 : endOf(span) / 1000);
const usersServer = recorded.find((span) => span.service === 'users' && span.kind === 'server');
const withoutUsers = recorded.filter((span) => span.service !== 'users');

/** A gap of a process that was killed when users had just answered. */
const killed = (service: string | undefined): Gap => ({
  service,
  fromMs: atMs(usersServer) - 1000,
  toMs: atMs(usersServer) + 1,
});

test('with propagation through the outbox removed, the hop is named', () => {
  assert.deepEqual(judge(withoutPropagation(), []), {
    outcome: 'incomplete',
    missing: ['orders publishes ORDER_CREATED'],
  });
});

test('spans of a killed process are unprovable, in that second and by that process only', () => {
  assert.equal(judge(recorded, [killed('users')]).outcome, 'complete');
  assert.equal(judge(withoutUsers, []).outcome, 'incomplete');
  assert.equal(judge(withoutUsers, [killed('users')]).outcome, 'unprovable');
  assert.equal(judge(withoutUsers, [killed('products')]).outcome, 'incomplete', 'another was killed');
  const minuteBefore = { ...killed('users'), fromMs: 0, toMs: atMs(usersServer) - 60_000 };
  assert.equal(judge(withoutUsers, [minuteBefore]).outcome, 'incomplete', 'it was killed at another time');
});

test('a kill explains only what its process wrote', () => {
  const more = withoutPropagation().filter((span) => span.service !== 'users');
  assert.equal(judge(more, [killed('users')]).outcome, 'incomplete');
});

test('while the collector is away nothing can be proved', () => {
  assert.equal(judge(withoutUsers, [killed(undefined)]).outcome, 'unprovable');
});

test('a tree in pieces is told though no hop is missing', () => {
  const [root] = recorded;
  assert.ok(root !== undefined);
  const stray = { ...root, span_id: 'f'.repeat(16), parent_id: 'e'.repeat(16) };
  assert.deepEqual(judge([...recorded, stray], []).missing, [brokenTree]);
});

test('every expected hop is named after the service that writes its span', () => {
  const known = new Set(['gateway', ...services.flatMap(({ name }) => [name, `${name}-sidecar`])]);
  const names = (hop: Hop): string[] => [hop.name, ...hop.below.flatMap(names)];
  for (const name of expectedHops.flatMap(names)) assert.ok(known.has(writerOf(name)), name);
});

test('the gaps stand in the runner’s log', () => {
  const log = [
    '2026-01-31T11:58:00.000Z jaeger               joins later: its program has still to be made',
    '2026-01-31T11:59:00.000Z jaeger               compiling, 50 %, about 1 min left',
    '2026-01-31T11:59:30.000Z jaeger               healthy after 0.4 s',
    '2026-01-31T12:00:00.000Z orders-2             was ended by SIGKILL; starting it again in 0.5 s',
    '2026-01-31T12:00:00.000Z | {"msg":"jaeger stopped in 1 s; starting it again in 2 s"}',
    '2026-01-31T12:00:05.000Z orders-2             healthy after 2.1 s',
    '2026-01-31T12:00:10.000Z users                stopped in 0.2 s',
    '2026-01-31T12:00:20.000Z orders-sidecar-2     stopped in 0.1 s',
    '2026-01-31T12:00:30.000Z gateway              stopped in 0.1 s',
    '2026-01-31T12:01:00.000Z jaeger               stopped in 0.1 s',
    '2026-01-31T12:01:30.000Z jaeger               healthy after 0.3 s',
    '2026-01-31T12:02:00.000Z jaeger               was ended by SIGKILL; starting it again in 0.5 s',
  ].join('\n');
  const at = (time: string, ms: number): number => Date.parse(`2026-01-31T${time}.000Z`) + ms;
  assert.deepEqual(gapsIn(log), [
    { service: undefined, fromMs: at('11:58:00', -1500), toMs: at('11:59:30', 1500) },
    { service: 'orders', fromMs: at('12:00:00', -1500), toMs: at('12:00:00', 0) },
    { service: 'orders-sidecar', fromMs: at('12:00:20', -1500), toMs: at('12:00:20', 0) },
    { service: 'gateway', fromMs: at('12:00:30', -1500), toMs: at('12:00:30', 0) },
    { service: undefined, fromMs: at('12:01:00', -1500), toMs: at('12:01:30', 1500) },
    { service: undefined, fromMs: at('12:02:00', -1500), toMs: Infinity },
  ]);
});

test('a collector that was away between the placing and the last span has lost what it held', () => {
  const beganMs = (recorded[0]?.start_us ?? 0) / 1000;
  const late = recorded.filter((span) => span.service === 'orders' && span.kind === 'consumer');
  assert.ok(late.length > 0);
  const restarted: Gap = { service: undefined, fromMs: beganMs - 3000, toMs: beganMs - 2000 };
  assert.equal(judge(late, [restarted], { id: 2, placedMs: beganMs - 4000 }).outcome, 'unprovable');
  assert.equal(judge(late, [restarted], { id: 2, placedMs: beganMs - 1000 }).outcome, 'incomplete');
});

test('the trace of another order proves nothing', () => {
  assert.equal(judge(recorded, [], { id: 2, placedMs: 0 }).outcome, 'complete');
  assert.equal(judge(recorded, [], { id: 3, placedMs: 0 }).outcome, 'incomplete');
});
