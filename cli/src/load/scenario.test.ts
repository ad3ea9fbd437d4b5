import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressLines } from './scenario.ts';

test('one line of progress in five seconds, and every other line', () => {
  let seconds = 0;
  const keep = progressLines(() => seconds * 1000);
  const lines: unknown[] = [];
  lines.push(...keep('     execution: local'));
  for (seconds = 0; seconds <= 10; seconds += 1) {
    for (const line of [
      '',
      `running (${seconds}s), 01/98 VUs, 5 complete and 0 interrupted iterations`,
      'smoke_measure   [  17% ] 03/98 VUs  01.7s/10s  5.00 iters/s',
      'smoke_other • [   0% ] waiting      05.3s',
    ]) {
      lines.push(...keep(line));
    }
  }
  lines.push(...keep('Insufficient VUs, reached 1 active VUs and cannot initialize more'));
  assert.deepEqual(
    lines.map((line) => String(line).slice(0, 14)),
    ['     execution', 'running (0s), ', 'running (5s), ', 'running (10s),', 'Insufficient V'],
  );
});
