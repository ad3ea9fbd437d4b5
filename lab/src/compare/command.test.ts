import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '@microshop/cli/output/errors';
import { nativePlacement } from '@microshop/topology';
import { commandOf, planOf, refuseFault } from './command.ts';

const typed = { fault: 'products abort 503 30%', arm: ['today', 'today'] };

test('a comparison as it is typed, with what is not typed', async () => {
  const { seed, ...plan } = await planOf(undefined, typed);
  assert.ok(Number.isInteger(seed));
  assert.deepEqual(plan, {
    fault: { kind: 'calls', service: 'products', abort: 503, percent: 30 },
    service: 'products',
    arms: [
      { name: 'today', policies: [], repeats: 0 },
      { name: 'today (2)', policies: [], repeats: 0 },
    ],
    primary: 'success',
    unchecked: false,
    blocks: 8,
    rate: 20,
    seconds: { steady: 2, fault: 5, heal: 8 },
  });
});

test('a named comparison has its arms, its fault and its primary figure; the fault can be another', async () => {
  const plan = await planOf('retries', { seed: '7' });
  assert.deepEqual([plan.arms.length, plan.primary, plan.seed, plan.blocks], [5, 'amplification', 7, 8]);
  assert.deepEqual([plan.rate, plan.unchecked], [150, true]);
  assert.equal((await planOf('retries', { rate: '30' })).rate, 30);
  const other = await planOf('retries', { fault: 'users abort 503', primary: 'p99' });
  assert.deepEqual([other.service, other.primary], ['users', 'p99']);
  const shedding = await planOf('shedding', {});
  assert.deepEqual(
    [shedding.service, shedding.throughout?.delay_ms, shedding.seconds.fault],
    ['products', 500, 10],
  );
  assert.deepEqual([plan.seconds.heal, shedding.seconds.heal], [4, 4]);
  const outlier = await planOf('outlier', {});
  assert.deepEqual([outlier.replicas, outlier.seconds.heal], [{ products: 3 }, 8]);
  assert.equal((await planOf('retries', { heal: '12s' })).seconds.heal, 12);
});

for (const [what, name, options, says] of [
  ['no fault', undefined, {}, /^Name a fault/],
  ['one arm', undefined, { ...typed, arm: ['today'] }, /^Name at least two arms/],
  ['no arm', undefined, { fault: typed.fault }, /^Name at least two arms/],
  ['a file that is not there', undefined, { ...typed, arm: ['today', 'no.yaml'] }, /no\.yaml cannot be read/],
  ['too few blocks', undefined, { ...typed, blocks: '5' }, /2 arms must be a whole number from 6 to 20/],
  ['too few blocks of five arms', 'retries', { blocks: '6' }, /5 arms must be .* from 8 to 20/],
  ['too many blocks', undefined, { ...typed, blocks: '21' }, /from 6 to 20/],
  [
    'a primary figure that is none',
    undefined,
    { ...typed, primary: 'p50' },
    /^--primary must be success, p99/,
  ],
  ['a seed that is none', undefined, { ...typed, seed: 'x' }, /^--seed must be a whole number/],
  ['no rate', undefined, { ...typed, rate: '0' }, /^--rate must be a whole number/],
  ['a length without its unit', undefined, { ...typed, length: '5' }, /^--length needs a unit/],
  ['a name that is none', 'nothing', {}, /^There is no comparison "nothing"; there are retries, /],
  [
    'another fault for one that is no fault of calls',
    'shedding',
    { fault: typed.fault },
    /has its own fault/,
  ],
  ['arms for a comparison that has its own', 'retries', typed, /"retries" has its own arms/],
] as const) {
  test(`${what} is refused`, async () => {
    await assert.rejects(planOf(name, options), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, says);
      return true;
    });
  });
}

test('a fault of a replica that the mesh has not is refused before anything runs', async () => {
  const plan = await planOf(undefined, { ...typed, fault: 'products abort 503 replica 2' });
  assert.throws(
    () => refuseFault(plan, nativePlacement()),
    /^UsageError: --fault: There is no replica 2 of products: it has 1$/,
  );
  assert.doesNotThrow(() => refuseFault(plan, nativePlacement({ replicas: { products: 2 } })));
});

test('the command that runs the same again takes the name of any file', async () => {
  const plan = await planOf(undefined, { ...typed, seed: '7' });
  assert.match(
    commandOf(undefined, { ...typed, arm: ['today', 'my arms/one attempt.yaml'] }, plan),
    / --arm today --arm "my arms\/one attempt\.yaml" --blocks 8 /,
  );
});

test('the command that runs the same again has every number', async () => {
  assert.equal(
    commandOf('outlier', {}, await planOf('outlier', { seed: '7' })),
    './mesh experiment compare outlier --blocks 8 --seed 7 --primary success --rate 20 --length 5s --heal 8s',
  );
  assert.equal(
    commandOf(undefined, typed, await planOf(undefined, { ...typed, seed: '7', primary: 'p99' })),
    './mesh experiment compare --fault "products abort 503 30%" --arm today --arm today --blocks 8 --seed 7 --primary p99 --rate 20 --length 5s --heal 8s',
  );
});
