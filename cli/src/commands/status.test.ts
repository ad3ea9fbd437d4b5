import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsupervisedStatus } from './status.ts';

const parts = [
  { name: 'users', kind: 'app' },
  { name: 'redis', kind: 'server' },
] as const;

test('a mesh that nobody runs is down, and has no part', () => {
  const { running, state, healthy, parts: none } = unsupervisedStatus(1, [], parts);
  assert.deepEqual(
    { running, state, healthy, none },
    { running: false, state: 'down', healthy: false, none: [] },
  );
});

test('what a killed runner left is shown part by part: it is not down', () => {
  const left = [
    { name: 'redis', pid: process.pid },
    { name: 'users-2', pid: null },
  ];
  const status = unsupervisedStatus(3, left, parts);
  assert.deepEqual([status.running, status.state, status.healthy], [false, 'lost', false]);
  assert.deepEqual(
    status.parts.map(({ name, kind, state, pid, healthy }) => ({ name, kind, state, pid, healthy })),
    [
      { name: 'redis', kind: 'server', state: 'running', pid: process.pid, healthy: false },
      { name: 'users-2', kind: 'app', state: 'running', pid: null, healthy: false },
    ],
  );
  assert.ok((status.parts[0]?.rss_bytes ?? 0) > 0);
});
