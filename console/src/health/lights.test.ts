import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcile } from '@microshop/control/audit/report';
import { lightsOf } from './lights.ts';

/** A source that did not answer. */
const unread = { unread: 'postgres is down' };
const none = { count: 0, first: [], unread: [] };

test('before an audit no light is on, and each says why', () => {
  const lights = lightsOf(null, undefined);
  assert.deepEqual(
    lights.map(({ id, verdict }) => `${id} ${verdict}`),
    ['I1 UNKNOWN', 'I2 UNKNOWN', 'I3a UNKNOWN', 'I3b UNKNOWN', 'I4 UNKNOWN'],
  );
  assert.ok(lights.every(({ why, says }) => why !== '' && says !== ''));
});

test('an audit and the figures give a light each, with what breaks it', () => {
  const verdict = reconcile(
    {
      orders: unread,
      lost: none,
      keysTwice: { count: 1, first: ['key k'], unread: [] },
      ...{ refused: none, ofNobody: none, notWhole: none, twice: none },
      ...{ unlike: none, wrongStock: none, oversold: none },
      outboxes: [],
      depths: [],
      deadLetters: [],
      pending: unread,
      unacked: 0,
    },
    undefined,
  );
  const lights = lightsOf({ at: 1, audit: { ...verdict, waited_ms: 0 } }, [
    { id: 'I8', says: 'traces are whole', verdict: 'OK', why: '', broken_by: [] },
  ]);
  assert.deepEqual(
    lights.map(({ id, verdict: light }) => `${id} ${light}`),
    ['I1 UNKNOWN', 'I2 BROKEN', 'I3a OK', 'I3b UNKNOWN', 'I4 UNKNOWN', 'I8 OK'],
  );
  assert.deepEqual(lights.find(({ id }) => id === 'I2')?.brokenBy, ['key k']);
  assert.match(lights.find(({ id }) => id === 'I4')?.why ?? '', /postgres is down/);
});
