import assert from 'node:assert/strict';
import { test } from 'node:test';
import { picked, refuseIdle } from './chosen.ts';
import { comparisons, isAgainst } from './comparisons.ts';
import { figureSets } from './figures/sets.ts';

test('comparisons and figures are picked by name; one that there is not is named with all that there are', () => {
  assert.deepEqual(picked(undefined), { comparisons, sets: figureSets });
  const { comparisons: compared, sets } = picked('hot-product, rest,traces');
  assert.deepEqual(
    [...compared, ...sets].map(({ name }) => name),
    ['traces', 'hot-product', 'rest'],
  );
  assert.throws(() => picked('traces,tracing'), /no comparison "tracing"; there are .*traces.*rest/);
});

test('no two have one name, for each keeps a file of that name', () => {
  const names = [...comparisons, ...figureSets].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.ok(!isAgainst(name), name);
});

test('an option that would change nothing is refused: it was meant to', () => {
  refuseIdle(['--pairs', '--duration', '--rate'], picked(undefined));
  refuseIdle(['--warm-up', '--json'], picked('traces,rest'));
  refuseIdle(['--rate'], picked('bare-open'));
  refuseIdle(['--fresh', '--json'], picked('rest'));
  assert.throws(
    () => refuseIdle(['--only', '--pairs'], picked('rest,up')),
    /--pairs is for comparisons; rest, up/,
  );
  assert.throws(() => refuseIdle(['--rate'], picked('traces,rest')), /--rate .* bare-open; leave it out/);
});
