import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedEvent } from '@microshop/program-kit/runner-events';
import { services } from '@microshop/topology';
import { expectedHops, type Hop } from '../trace/expected.ts';
import { endOf, type Span } from '../trace/span.ts';
import { recordedOrder } from '../trace/testing/recorded.ts';
import { brokenTree, type Gap, gapsIn, judge, writerOf } from './outcome.ts';

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

test('while the collector is down nothing can be proved', () => {
  assert.equal(judge(withoutUsers, [killed(undefined)]).outcome, 'unprovable');
});

test('a tree in pieces is reported though no hop is missing', () => {
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

test('the gaps stand in what the runner told', () => {
  const at = (time: string, ms: number): number => Date.parse(`2026-01-31T${time}.000Z`) + ms;
  const stopped = { type: 'stopped', seconds: 0.1 } as const;
  const healthy = { type: 'healthy', seconds: 0.4 } as const;
  const died = { type: 'died', how: 'was ended by SIGKILL', againInMs: 500 } as const;
  const trap = '{"msg":"jaeger stopped in 1 s; starting it again in 2 s"}';
  const compiling = { step: 'compiling', share: 0.5, text: 'compiling, 50 %, about 1 min left' };
  const told: LoggedEvent[] = [
    { at_ms: at('11:58:00', 0), event: { type: 'joins-later', part: 'jaeger' } },
    { at_ms: at('11:59:00', 0), event: { type: 'making', part: 'jaeger', ...compiling } },
    { at_ms: at('11:59:30', 0), event: { ...healthy, part: 'jaeger', kind: 'server' } },
    { at_ms: at('12:00:00', 0), event: { ...died, part: 'orders-2', lastLines: [trap] } },
    { at_ms: at('12:00:00', 0), event: { type: 'note', text: trap } },
    { at_ms: at('12:00:05', 0), event: { ...healthy, part: 'orders-2', kind: 'app' } },
    { at_ms: at('12:00:10', 0), event: { ...stopped, part: 'users' } },
    { at_ms: at('12:00:20', 0), event: { ...stopped, part: 'orders-sidecar-2' } },
    { at_ms: at('12:00:30', 0), event: { ...stopped, part: 'gateway' } },
    { at_ms: at('12:01:00', 0), event: { ...stopped, part: 'jaeger' } },
    { at_ms: at('12:01:30', 0), event: { ...healthy, part: 'jaeger', kind: 'server' } },
    { at_ms: at('12:02:00', 0), event: { ...died, part: 'jaeger', lastLines: [] } },
  ];
  assert.deepEqual(gapsIn(told), [
    { service: undefined, fromMs: at('11:58:00', -1500), toMs: at('11:59:30', 1500) },
    { service: 'orders', fromMs: at('12:00:00', -1500), toMs: at('12:00:00', 0) },
    { service: 'orders-sidecar', fromMs: at('12:00:20', -1500), toMs: at('12:00:20', 0) },
    { service: 'gateway', fromMs: at('12:00:30', -1500), toMs: at('12:00:30', 0) },
    { service: undefined, fromMs: at('12:01:00', -1500), toMs: at('12:01:30', 1500) },
    { service: undefined, fromMs: at('12:02:00', -1500), toMs: Infinity },
  ]);
});

test('a collector that was down between the placing and the last span has lost what it held', () => {
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
