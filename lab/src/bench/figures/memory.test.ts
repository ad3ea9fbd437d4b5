import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryByRow, pssBytesOf, pssIn } from './memory.ts';

test('the line Pss counts, and no other of its name; another form is refused', () => {
  const text = 'Rss:              900 kB\nPss:              400 kB\nPss_Anon:         300 kB\n';
  assert.equal(pssIn(text), 400 * 1024);
  assert.throws(() => pssIn('Rss: 900 kB\n'), /no line Pss/);
});

test('this process has memory, and one that has ended has none', () => {
  assert.ok(pssBytesOf(process.pid) > 1024 ** 2);
  assert.equal(pssBytesOf(2 ** 22 + 1), 0);
});

test('memory is that of the parts; the client and all others are left out', () => {
  const own = memoryByRow(new Map([[process.pid, 'control']]), () => 7);
  assert.deepEqual(own, { control: 7 });
  assert.deepEqual(
    memoryByRow(new Map([[process.pid, 'client']]), () => 7),
    {},
  );
});
