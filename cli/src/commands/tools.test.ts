import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { toolLines } from './tools.ts';

test('tools are shown as every other table is: no box, and no wider than a terminal', () => {
  const path = `/home/user/.cache/mesh/${'jaeger'.padEnd(40, 'x')}/jaeger`;
  const lines = toolLines([
    { name: 'jaeger', version: '2.13.0', path, source: 'cache' },
    { name: 'k6', version: '1.1.0', path: '/usr/bin/k6', source: 'path' },
  ]).map(stripVTControlCharacters);
  assert.deepEqual(lines, [
    'tool    version  from   path',
    `jaeger  2.13.0   cache  ${path}`,
    'k6      1.1.0    path   /usr/bin/k6',
  ]);
  assert.ok(lines.every((line) => line.length <= 100));
});
