import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '@microshop/cli/output/errors';
import { askedFor, type RunOptions } from './asked.ts';
import { someExperiment } from './testing.ts';

const experiments = ['a', 'b', 'c'].map((name) => ({ ...someExperiment, name }));
const asked = (names: readonly string[], options: RunOptions = {}) => askedFor(names, options, experiments);

test('one name is one run, with the lengths that were typed', () => {
  const one = asked(['b'], { steady: '2s', withoutFault: true });
  assert.ok(one.kind === 'one');
  assert.deepEqual(
    [one.experiment.name, one.experiment.seconds, one.withFault],
    ['b', { steady: 2, fault: 10, heal: 15 }, false],
  );
  const mutant = asked(['b'], { mutant: true, full: true, heal: '1s' });
  assert.ok(mutant.kind === 'one');
  assert.deepEqual(
    [mutant.experiment.name, mutant.experiment.seconds, mutant.withFault],
    ['b.mutant', { steady: 30, fault: 30, heal: 1 }, true],
  );
});

test('a fault is as long as the mesh keeps it up: of a part for ten minutes', () => {
  const pause = { ...someExperiment, name: 'pause', fault: { kind: 'pause', part: 'redis' } } as const;
  const both = {
    ...pause,
    fault: { kind: 'together', faults: [someExperiment.fault, pause.fault] },
  } as const;
  const ask = (one: typeof someExperiment, fault: string, names = [one.name]) =>
    askedFor(names, { fault }, [one, ...experiments]);
  for (const one of [pause, both]) {
    assert.doesNotThrow(() => ask(one, '10m'));
    assert.throws(() => ask(one, '601s'), /^UsageError: --fault must be at most 10m for pause, not "601s"$/);
    assert.throws(() => ask(one, '601s', ['a', 'pause']), /at most 10m for pause/);
  }
  assert.doesNotThrow(() => ask(someExperiment, '1h'));
});

test('all of them are a series, with mutants drawn by the seed', () => {
  const series = asked([], { all: true, seed: '7', mutants: '2' });
  assert.ok(series.kind === 'series');
  const { names, mutants, seed, repeat, full } = series.plan;
  assert.deepEqual([names, seed, repeat, full], [['a', 'b', 'c'], 7, 1, false]);
  assert.equal(mutants.length, 2);
  assert.deepEqual(asked([], { all: true, seed: '7', mutants: '2' }), series);
});

test('without a number six mutants are drawn, or as many as there are; named runs have none', () => {
  const all = asked([], { all: true });
  assert.ok(all.kind === 'series' && all.plan.mutants.length === 3);
  const named = asked(['a', 'c'], { repeat: '3', full: true, heal: '2s' });
  assert.ok(named.kind === 'series');
  const { seed: _, ...plan } = named.plan;
  assert.deepEqual(plan, {
    names: ['a', 'c'],
    mutants: [],
    repeat: 3,
    full: true,
    lengths: { heal: 2 },
  });
});

test('where not all can run, everything is what can, with mutants that can; what was named stays', () => {
  const runs = ({ name }: { readonly name: string }) => name === 'a' || name === 'b.mutant' || name === 'b';
  const here = (names: readonly string[], options: RunOptions) => {
    const series = askedFor(names, options, experiments, runs);
    assert.ok(series.kind === 'series');
    return [series.plan.names, series.plan.mutants];
  };
  assert.deepEqual(here([], { all: true }), [['a', 'b'], ['b']]);
  assert.deepEqual(here(['a', 'c'], {}), [['a', 'c'], []]);
  assert.throws(() => here([], { all: true, mutants: '2' }), /^UsageError: --mutants must be .* from 0 to 1/);
});

test('one experiment that is repeated is a series', () => {
  assert.equal(asked(['a'], { repeat: '3' }).kind, 'series');
});

test('--continue stands alone', () => {
  assert.deepEqual(asked([], { continue: true }), { kind: 'rest' });
});

for (const [what, names, options, says] of [
  ['nothing', [], {}, /^Name an experiment, or type --all/],
  [
    'a name that is none',
    ['d'],
    {},
    /^There is no experiment "d"; the experiments are a, b, c; a schedule is a file/,
  ],
  ['names beside --all', ['a'], { all: true }, /^--all runs every experiment/],
  ['a mutant of a series', [], { all: true, mutant: true }, /^--mutant is for one run/],
  ['a series without faults', ['a'], { repeat: '2', withoutFault: true }, /^--without-fault is for one run/],
  ['more mutants than there are', [], { all: true, mutants: '4' }, /^--mutants must be .* from 0 to 3/],
  ['no round', ['a'], { repeat: '0' }, /^--repeat must be .* from 1 to 50/],
  ['--continue with a plan', [], { continue: true, all: true }, /^--continue uses the plan/],
  ['a length without its unit', ['a'], { steady: '3' }, /^--steady needs a unit/],
] as const satisfies readonly (readonly [string, readonly string[], RunOptions, RegExp])[]) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => asked(names, options),
      (error) => error instanceof UsageError && says.test(error.message),
    );
  });
}
