import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Audit, Invariant } from '@microshop/control/audit/report';
import { auditSince } from './audit-since.ts';
import { goodAudit } from './testing.ts';

const invariant = (id: Invariant['id'], ...brokenBy: string[]): Invariant => ({
  id,
  says: 'it holds',
  verdict: brokenBy.length > 0 ? 'BROKEN' : 'OK',
  why: '',
  broken_count: brokenBy.length,
  broken_by: brokenBy,
});
const audit = (invariants: Invariant[], changed: Partial<Audit> = {}): Audit => ({
  ...goodAudit,
  invariants,
  ...changed,
});
const verdicts = (one: Audit) => one.invariants.map(({ id, verdict }) => `${id} ${verdict}`);

test('what was broken before does not count, and what is new does', () => {
  const before = audit([invariant('I3a', 'product 3: stock -1'), invariant('I4', 'order 7')]);
  assert.deepEqual(verdicts(auditSince(before, before)), ['I3a OK', 'I4 OK']);
  const after = audit([
    invariant('I3a', 'product 3: stock -1', 'product 9: stock -2'),
    invariant('I4', 'order 7'),
  ]);
  assert.deepEqual(verdicts(auditSince(before, after)), ['I3a BROKEN', 'I4 OK']);
  assert.deepEqual(auditSince(before, after).invariants[0]?.broken_by, ['product 9: stock -2']);
  // as many as before, and not the same
  const other = audit([invariant('I3a', 'product 9: stock -2'), invariant('I4', 'order 7')]);
  assert.deepEqual(verdicts(auditSince(before, other)), ['I3a BROKEN', 'I4 OK']);
});

test('of more than an audit names, the number counts', () => {
  const named = invariant('I4', 'order 7');
  const before = audit([{ ...named, broken_count: 200 }]);
  assert.deepEqual(verdicts(auditSince(before, audit([{ ...named, broken_count: 200 }]))), ['I4 OK']);
  assert.deepEqual(verdicts(auditSince(before, audit([{ ...named, broken_count: 201 }]))), ['I4 BROKEN']);
});

test('a mesh that does not settle breaks I4, unless it could not be read', () => {
  const before = audit([invariant('I4')]);
  const waits: Invariant = { ...invariant('I4'), verdict: 'UNKNOWN', why: '3 events wait in the queues' };
  const after = auditSince(before, audit([waits], { settled: false, waited_ms: 30_000 }));
  assert.deepEqual(after.invariants[0]?.broken_by, [
    'not settled 30 s after the load: 3 events wait in the queues',
  ]);
  assert.equal(after.settled, false);
  const unread = audit([waits], { settled: false, unread: ['RabbitMQ cannot be read'] });
  assert.deepEqual(verdicts(auditSince(before, unread)), ['I4 UNKNOWN']);
});
