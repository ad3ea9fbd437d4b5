import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type BreakerPolicies, breakerFiles, breakersOf, topologyPolicies } from '@microshop/topology';
import { followBreakerPolicies } from './breaker-policies.ts';
import { until } from './testing/sidecar.ts';

const topology = breakersOf(topologyPolicies, 'orders');

function withCapacity(capacity: number): BreakerPolicies {
  const { users, products } = topology;
  assert.ok(users && products);
  return { users: { ...users, capacity }, products };
}

/** A directory of an app's own, and what is followed there once `follow` was called. */
async function app(t: TestContext) {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-breakers-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const applied: BreakerPolicies[] = [];
  const lines: object[] = [];
  const inForce = path.join(directory, breakerFiles.inForce);
  return {
    directory,
    applied,
    lines,
    inForce,
    async put(text: string) {
      const unfinished = path.join(directory, 'unfinished');
      await writeFile(unfinished, text);
      await rename(unfinished, path.join(directory, breakerFiles.wanted));
    },
    told: async (): Promise<unknown> => JSON.parse(await readFile(inForce, 'utf8')),
    follow() {
      const log = (fields: object, message: string) => void lines.push({ ...fields, message });
      const followed = followBreakerPolicies({
        directory,
        caller: 'orders',
        apply: (policies) => void applied.push(policies),
        logger: { info: log, warn: log },
      });
      t.after(() => followed.close());
      return followed;
    },
  };
}

test('the file that is there at the start is in effect, then the one renamed into its place, each reported', async (t) => {
  const { applied, lines, directory, inForce, put, told, follow } = await app(t);
  await put(JSON.stringify(withCapacity(7)));
  const followed = follow();
  assert.deepEqual(applied, [withCapacity(7)]);
  assert.deepEqual(await told(), withCapacity(7));

  for (const capacity of [8, 9]) {
    await put(JSON.stringify(withCapacity(capacity)));
    await until(() => isDeepStrictEqual(applied.at(-1), withCapacity(capacity)));
    assert.deepEqual(await told(), withCapacity(capacity));
  }
  assert.deepEqual((await readdir(directory)).sort(), [breakerFiles.inForce, breakerFiles.wanted].sort());

  followed.close();
  assert.ok(!existsSync(inForce), 'nothing is in effect after the end');
  assert.deepEqual(lines, []);
});

const { users, products } = topology;
const broken: readonly [string, string, RegExp][] = [
  ['not JSON', '{', /JSON/],
  ['a callee missing', JSON.stringify({ users }), /products/],
  ['a callee too many', JSON.stringify({ users, products, orders: users }), /^\/orders/],
  [
    'a field missing',
    JSON.stringify({ users: { ...users, capacity: undefined }, products }),
    /^\/users .*capacity/,
  ],
  ['a field unknown', JSON.stringify({ users: { ...users, cap: 1 }, products }), /^\/users/],
  [
    'a number out of range',
    JSON.stringify({ users: { ...users, capacity: 0 }, products }),
    /^\/users\/capacity .*1/,
  ],
  [
    'a share over 100',
    JSON.stringify({ users: { ...users, errorThresholdPercentage: 101 }, products }),
    /^\/users\/errorThresholdPercentage .*100/,
  ],
];

for (const [what, text, reason] of broken) {
  test(`a broken file is named once, and what was in effect stays: ${what}`, async (t) => {
    const { applied, lines, directory, put, told, follow } = await app(t);
    await put(JSON.stringify(withCapacity(7)));
    follow();
    await put(text);
    await until(() => lines.length > 0);
    await put(text);
    // the one after it is seen later than both
    await put(JSON.stringify(withCapacity(8)));
    await until(() => isDeepStrictEqual(applied.at(-1), withCapacity(8)));
    const [line, ...more] = lines;
    assert.deepEqual(more, []);
    assert.ok(line !== undefined && 'reason' in line && 'file' in line);
    assert.equal(line.file, path.join(directory, breakerFiles.wanted));
    assert.match(String(line.reason), reason);
    // when it is late it reads the last file more than once
    assert.deepEqual(new Set(applied.map((policies) => policies.users?.capacity)), new Set([7, 8]));
    assert.deepEqual(await told(), withCapacity(8));
  });
}

test('a file that is missing is named, nothing is reported, and it counts when it comes', async (t) => {
  const { applied, lines, inForce, put, follow } = await app(t);
  follow();
  assert.equal(lines.length, 1);
  assert.match(JSON.stringify(lines), /ENOENT/);
  assert.ok(!existsSync(inForce));
  await put(JSON.stringify(withCapacity(7)));
  await until(() => applied.length === 1);
});

test('a directory that is missing is named at the start', async (t) => {
  const { directory, follow } = await app(t);
  await rm(directory, { recursive: true });
  assert.throws(follow, new RegExp(`ENOENT.*${directory}`));
});
