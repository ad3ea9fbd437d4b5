import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoggedEvent, loggedEventLine, loggedEvents } from './runner-events.ts';

const told: LoggedEvent[] = [
  { at_ms: 1, event: { type: 'healthy', part: 'orders', kind: 'app', seconds: 1.5 } },
  {
    at_ms: 2,
    event: { type: 'died', part: 'orders', how: 'ended', lastLines: ['a\nb', '"'], againInMs: 500 },
  },
  { at_ms: 3, event: { type: 'making', part: 'jaeger', step: 'compiling', share: null, text: 'compiling' } },
];

test('what is written is read', () => {
  assert.deepEqual(loggedEvents(told.map(loggedEventLine).join('\n')), told);
});

test('a line that was written half, or says something else, is passed over', () => {
  const [first, second, third] = told.map(loggedEventLine);
  const half = second?.slice(0, -10);
  assert.deepEqual(loggedEvents([first, half, '', third].join('\n')), [told[0], told[2]], 'in the middle');
  assert.deepEqual(loggedEvents([first, half].join('\n')), [told[0]], 'at the end');
  assert.deepEqual(loggedEvents('{"at_ms":1,"event":{"type":"exploded"}}\n[]\nnull\n7'), []);
  assert.deepEqual(loggedEvents('2026-01-31T12:00:00.000Z users                stopped in 0.2 s\n'), []);
  assert.deepEqual(loggedEvents(''), []);
});
