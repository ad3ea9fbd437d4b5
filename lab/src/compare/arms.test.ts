import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '@microshop/cli/output/errors';
import { overlaid, typedArms } from './arms.ts';

const toProducts = { caller: 'orders', callee: 'products' } as const;
const toUsers = { caller: 'orders', callee: 'users' } as const;
const read = async () => [{ ...toProducts, policy: { tries: 1 } }];

test('an arm is what is in effect, or a file; one that stands twice has two names', async () => {
  const arms = await typedArms(['today', 'kept/mine.yaml', 'today', 'other.json'], read);
  assert.deepEqual(
    arms.map(({ name, policies }) => [name, policies.length]),
    [
      ['today', 0],
      ['mine', 1],
      ['today (2)', 0],
      ['other', 1],
    ],
  );
});

test('a file is never called as what is in effect', async () => {
  const arms = await typedArms(['today.yaml', 'today', './today', 'kept/today.json'], read);
  assert.deepEqual(
    arms.map(({ name, policies }) => [name, policies.length]),
    [
      ['today.yaml', 1],
      ['today', 0],
      ['./today', 1],
      ['kept/today.json', 1],
    ],
  );
});

test('one arm alone is refused', async () => {
  await assert.rejects(typedArms(['today'], read), UsageError);
});

test('an arm changes what it names and leaves the rest as it was', () => {
  const base = [
    { ...toProducts, policy: { tries: 3, timeout_ms: 3000 } },
    { ...toUsers, policy: { tries: 3 } },
  ];
  assert.deepEqual(overlaid(base, [{ ...toProducts, policy: { tries: 1 } }]), [
    { ...toProducts, policy: { tries: 1, timeout_ms: 3000 } },
    { ...toUsers, policy: { tries: 3 } },
  ]);
  assert.deepEqual(overlaid(base, []), base);
});
