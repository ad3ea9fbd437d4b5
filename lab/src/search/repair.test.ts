import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repairing } from './repair.ts';
import type { Schedule } from './schedule.ts';
import type { Tried } from './search.ts';

const schedule: Schedule = {
  load: { rate: 10, seconds: 2 },
  faults: [{ at_ms: 0, kind: 'kill', part: 'orders' }],
};
const tried: Tried = { schedule, verdict: 'PASS', reasons: [], broken: [], faults: [], checked: [] };

test('the mesh is made well again after what did not hold or could not be run, and only then', async () => {
  const did: string[] = [];
  const comes = ['PASS', 'PASS', 'FAIL', 'INVALID', undefined, 'PASS', 'PASS'] as const;
  const runs = comes.values();
  const run = repairing(
    async () => {
      const verdict = runs.next().value;
      did.push(verdict ?? 'thrown');
      if (verdict === undefined) throw new Error('k6 did not start');
      return { ...tried, verdict };
    },
    async () => void did.push('repaired'),
  );
  for (const _ of comes) await run(schedule).catch(() => undefined);
  assert.deepEqual(did, [
    ...['PASS', 'PASS', 'FAIL', 'repaired', 'INVALID', 'repaired', 'thrown', 'repaired', 'PASS', 'PASS'],
  ]);
});

test('a mesh that does not become well again is repaired the next time', async () => {
  let left = 2;
  const run = repairing(
    async () => ({ ...tried, verdict: 'FAIL' }),
    async () => {
      left -= 1;
      if (left > 0) throw new Error('not settled');
    },
  );
  await run(schedule);
  await assert.rejects(run(schedule), /not settled/);
  assert.equal((await run(schedule)).verdict, 'FAIL');
});
