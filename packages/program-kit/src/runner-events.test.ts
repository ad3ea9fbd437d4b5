import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ToldEvent, toldEventLine, toldEvents } from './runner-events.ts';

const told: ToldEvent[] = [
  { at_ms: 1, event: { type: 'healthy', part: 'orders', kind: 'app', seconds: 1.5 } },
  {
    at_ms: 2,
    event: { type: 'died', part: 'orders', how: 'ended', lastLines: ['a\nb', '"'], againInMs: 500 },
  },
  { at_ms: 3, event: { type: 'making', part: 'jaeger', step: 'compiling', share: null, text: 'compiling' } },
];

test('what is written is read', () => {
  assert.deepEqual(toldEvents(told.map(toldEventLine).join('\n')), told);
});

test('a line that was written half, or says something else, is passed over', () => {
  const [first, second, third] = told.map(toldEventLine);
  const half = second?.slice(0, -10);
  assert.deepEqual(toldEvents([first, half, '', third].join('\n')), [told[0], told[2]], 'in the middle');
  assert.deepEqual(toldEvents([first, half].join('\n')), [told[0]], 'at the end');
  assert.deepEqual(toldEvents('{"at_ms":1,"event":{"type":"exploded"}}\n[]\nnull\n7'), []);
  assert.deepEqual(toldEvents('2026-01-31T12:00:00.000Z users                stopped in 0.2 s\n'), []);
  assert.deepEqual(toldEvents(''), []);
});
