import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { storyLines } from './story.ts';

/** The column `what` of a line with those fields. */
function told(fields: object): string {
  const [, line = ''] = storyLines([{ part: 'orders', time: 0, text: JSON.stringify(fields) }]);
  return stripVTControlCharacters(line).replace(/^\S+ +orders +(?:[\d.]+ +)?/, '');
}

test('each line says when, who, how long and what', () => {
  const time = Date.parse('2026-11-25T10:32:10.810Z');
  const gateway = { msg: 'request', direction: 'edge', method: 'POST', path: '/api/orders', status: 201 };
  const lines = storyLines([
    { part: 'gateway', time, text: JSON.stringify({ ...gateway, duration_ms: 22, attempts: 1 }) },
    { part: 'orders', time, text: JSON.stringify({ msg: 'order ended', order_id: 7, status: 'CONFIRMED' }) },
  ]);
  assert.deepEqual(lines.map(stripVTControlCharacters), [
    'time (UTC)    part       ms  what',
    '10:32:10.810  gateway  22.0  request of a client: POST /api/orders 201',
    '10:32:10.810  orders         order ended, order 7, status CONFIRMED',
  ]);
});

test('an Envoy’s line tells whose request it is, and what went wrong with it', () => {
  const line = { msg: 'request', method: 'GET', path: '/api/users/1', response_flags: '-', attempts: 1 };
  assert.equal(
    told({ ...line, direction: 'inbound', caller: 'orders', status: 200 }),
    'request from orders: GET /api/users/1 200',
  );
  assert.equal(
    told({
      ...line,
      direction: 'outbound',
      host: 'users',
      status: 503,
      attempts: 3,
      response_flags: 'URX,UF',
    }),
    'call to users: GET /api/users/1 503, 3 attempts, flags URX,UF',
  );
  assert.equal(
    told({ ...line, direction: 'inbound', caller: 'orders', status: 0 }),
    'request from orders: GET /api/users/1 no answer',
  );
});

test('an app’s line tells the event, the breaker, and the reason of a failure', () => {
  assert.equal(
    told({ msg: 'message took effect', type: 'ORDER_CREATED', queue: 'products.orders' }),
    'message took effect, event ORDER_CREATED, queue products.orders',
  );
  const call = { msg: 'call to a peer failed', method: 'GET', url: 'http://users/api/users/1' };
  assert.equal(
    told({ ...call, breaker_state: 'open', error_class: 'breaker_open', reason: 'the breaker is open' }),
    'call to a peer failed: GET http://users/api/users/1 no answer, error class breaker_open, breaker open, reason: the breaker is open',
  );
  assert.equal(
    told({ level: 'error', msg: 'message is poison', err: { message: 'no body' } }),
    'message is poison, reason: no body',
  );
});
