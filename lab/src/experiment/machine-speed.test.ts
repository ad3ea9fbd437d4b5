import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import os from 'node:os';
import { test } from 'node:test';
import { seeded } from '../statistics/random.ts';
import { containerHands, type SpeedHands, sliceMs } from './machine-speed.ts';

/** A machine on which a slice takes so long, and another 5 % by chance; `disturbed` of the slices take twice to five times that. */
function machine(usualMs: number, disturbed: number, seed: number): SpeedHands {
  const random = seeded(seed);
  return {
    slice: () => {
      const own = usualMs * (1 + 0.05 * random());
      return random() < disturbed ? own * (2 + 3 * random()) : own;
    },
    pause: async () => undefined,
    meshCpus: async () => 0,
  };
}

const seeds = Array.from({ length: 1000 }, (_, seed) => seed);

/** Speed after ÷ speed before, in each of a thousand runs, in order. */
async function drifts(
  before: readonly [number, number],
  after: readonly [number, number],
): Promise<number[]> {
  const all = await Promise.all(
    seeds.map(
      async (seed) =>
        (await sliceMs(machine(...before, seed))) / (await sliceMs(machine(...after, seed + seeds.length))),
    ),
  );
  return all.sort((one, other) => one - other);
}

test('what works for a third of the time does not make a machine look slower', async () => {
  const found = await drifts([100, 0], [100, 1 / 3]);
  // of a thousand runs five may look otherwise: with 12 slices of which 10 or more are disturbed
  assert.ok((found[5] ?? 0) > 0.7, `${found[5]}`);
  assert.ok((found.at(-1) ?? 0) < 1.3);
});

test('a machine that is slower throughout is seen, whatever disturbs it besides, and so is a faster one', async () => {
  for (const disturbed of [0, 1 / 3]) {
    const slower = await drifts([100, disturbed], [160, disturbed]);
    assert.ok((slower[994] ?? 1) < 0.7, `${disturbed}: ${slower[994]}`);
    const faster = await drifts([160, disturbed], [100, disturbed]);
    assert.ok((faster[5] ?? 1) > 1.3, `${disturbed}: ${faster[5]}`);
  }
});

test('a neighbour who works at all times is seen', async () => {
  // two processes on one CPU have half of it each
  const found = await drifts([100, 0], [200, 0]);
  assert.ok((found.at(-1) ?? 1) < 0.7);
});

test('it is measured once the mesh is idle, and all the same when it does not become so', async () => {
  const used = [1.9, 0.8, 0.2];
  let counted = 0;
  const usualMs = await sliceMs({
    ...machine(100, 0, 1),
    slice: () => {
      assert.equal(counted, 3);
      return 100;
    },
    meshCpus: async () => used[counted++],
  });
  assert.equal(usualMs, 100);
  counted = 0;
  await sliceMs({
    ...machine(100, 0, 1),
    meshCpus: async () => {
      counted += 1;
      return 2;
    },
  });
  // ten seconds in halves
  assert.equal(counted, 20);
});

test('in a container the whole machine is asked, so the work of any process counts', async (t) => {
  const worker = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  t.after(() => worker.kill('SIGKILL'));
  const cpus = (await containerHands.meshCpus(1000)) ?? 0;
  assert.ok(cpus > 0.5 && cpus < os.cpus().length + 0.1, `${cpus}`);
});
