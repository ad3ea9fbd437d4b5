/** Files of policies: applied whole or not at all. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { unfolded } from '../harness/command.ts';
import { command, resetPolicies, shownPolicy } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';

before(resetPolicies);
after(resetPolicies);

test('a file of policies is applied whole or not at all; an export changes nothing, and takes a change back', async () => {
  const exported = await command('policy', 'export');
  const apply = async (file: string) => {
    const { code, stdout, stderr } = await mesh.cli(['policy', 'apply', '-', '--json'], file);
    return { code, stderr: unfolded(stderr), changed: code === 0 ? JSON.parse(stdout).differences : [] };
  };
  assert.deepEqual(await apply(exported), { code: 0, stderr: '', changed: [] });

  // the numbers of the second call do not nest, so the first one is not applied either
  const calls = (timeoutMs: number) =>
    JSON.stringify({
      policies: [
        { caller: 'orders', callee: 'products', policy: { tries: 1 } },
        { caller: 'orders', callee: 'users', policy: { timeout_ms: timeoutMs } },
      ],
    });
  const refusal = await apply(calls(3300));
  assert.equal(refusal.code, 2);
  assert.match(
    refusal.stderr,
    /^mesh: orders → users: timeout_ms \(3300 ms\) must end before breaker_timeout_ms/,
  );
  const unknown = await apply('policies:\n  - {caller: orders, callee: products, policy: {trys: 1}}\n');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /^mesh: Standard input, line 2: orders → products has no field "trys"/);
  assert.deepEqual((await shownPolicy('orders', 'products')).changed, {});

  const [retries, time] = [
    { caller: 'orders', callee: 'products', field: 'tries', before: 3, after: 1 },
    { caller: 'orders', callee: 'users', field: 'timeout_ms', before: 3000, after: 3100 },
  ];
  const { changed } = await apply(calls(3100));
  assert.deepEqual(new Set(changed), new Set([retries, time]));
  assert.deepEqual((await shownPolicy('orders', 'products')).changed, { tries: 3 });
  assert.equal((await apply(exported)).changed.length, 2);
  assert.equal(await command('policy', 'export'), exported);
});
