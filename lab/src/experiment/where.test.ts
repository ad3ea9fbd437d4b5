import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '@microshop/cli/output/errors';
import { typedHere } from '@microshop/program-kit/typed-here';
import { experiments } from '../../experiments/index.ts';
import { namedComparisons } from '../compare/named.ts';
import { faultCommand, mutantOf, partsOf } from './definition.ts';
import { someExperiment } from './testing.ts';
import { nativeNeed, refuseNativeOnly, runsHere } from './where.ts';

const container = { MESH_MODE: 'compose' };

for (const experiment of experiments) {
  test(`${experiment.name} runs in containers unless it needs a process, edited code or replicas`, () => {
    for (const one of [experiment, mutantOf(experiment)]) {
      const ofProcess = faultCommand(one.fault).includes('./mesh fault process');
      assert.equal(ofProcess, partsOf(one.fault).length > 0);
      const expected = ofProcess || one.code !== undefined || one.replicas !== undefined;
      assert.equal(!runsHere(one, container), expected);
      assert.equal(runsHere(one, {}), true);
    }
  });
}

test('what it needs is named', () => {
  const calls = someExperiment.fault;
  const pause = { kind: 'pause', part: 'redis' } as const;
  for (const [one, need] of [
    [{ fault: calls }, undefined],
    [{ fault: calls, replicas: { orders: 1 } }, undefined],
    [{ fault: pause }, 'power over redis'],
    [{ fault: { kind: 'together', faults: [calls, pause] } }, 'power over redis'],
    [{ fault: { kind: 'timeline', faults: [{ ...pause, at_ms: 0, for_ms: 1 }] } }, 'power over redis'],
    [{ fault: { kind: 'restarts', parts: ['users', 'orders'] } }, 'power over users and orders'],
    [{ fault: calls, replicas: { orders: 3 } }, '3 replicas of orders'],
    [{ fault: calls, code: { service: 'orders', edits: [] } }, 'orders with edited code'],
  ] as const satisfies readonly (readonly [Parameters<typeof nativeNeed>[0], string | undefined])[]) {
    assert.equal(nativeNeed(one), need);
  }
});

test('in a container it is refused before anything begins, with what to type on the host', () => {
  const killed = { ...someExperiment, fault: { kind: 'kill', part: 'products' } } as const;
  const refused = (work: () => void, message: string) =>
    assert.throws(work, (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, message);
      // it is typed on the host, so it stays as it is
      assert.equal(typedHere(error.message, container), message);
      return true;
    });
  refused(
    () => refuseNativeOnly([someExperiment, killed], 'run', container),
    'some needs power over products: only the native mesh supports that. Run it beside this one: MESH_INSTANCE=2 ./mesh experiment run some in the checkout',
  );
  refused(
    () => refuseNativeOnly([{ ...killed, name: 'some.mutant' }], 'run', container),
    'some --mutant needs power over products: only the native mesh supports that. Run it beside this one: MESH_INSTANCE=2 ./mesh experiment run some --mutant in the checkout',
  );
  refuseNativeOnly([someExperiment, mutantOf(someExperiment)], 'run', container);
  refuseNativeOnly([killed], 'run', {});
});

test('of the comparisons only that of replicas needs the native mesh', () => {
  const native = namedComparisons.filter((one) => nativeNeed(one) !== undefined);
  assert.deepEqual(
    native.map(({ name }) => name),
    ['outlier'],
  );
});
