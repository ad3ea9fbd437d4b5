/** A mesh whose Jaeger is still being built can be taken down. What it does meanwhile: `before-jaeger.ts`. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { upHeldBack } from '@microshop/native/supervision/testing/held-back';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { runMesh } from '../harness/command.ts';

const instance = testInstance('lifecycle');
const mesh = (...args: readonly string[]) => runMesh(args, { MESH_INSTANCE: String(instance) });

before(async () => {
  await mesh('down', '--wipe');
});
after(async () => {
  await mesh('down', '--wipe');
});

test('down while Jaeger is built leaves nothing, and does not wait for it', async (t) => {
  const held = await upHeldBack(instance, { share: 0.5 });
  t.after(held.end);
  const down = await mesh('down');
  assert.equal(down.code, 0, down.stderr);
  assert.doesNotMatch(down.stderr, /killed/);
  assert.match((await mesh('status')).stdout, /is not running/);
});
