/** A comparison of three arms, for tests of what is made of one. */
import { someCircumstances } from '../experiment/testing.ts';
import type { ArmRun } from './judge.ts';
import { judge } from './judge.ts';
import type { ComparisonParts } from './page.ts';
import type { ComparisonReport, Plan } from './run.ts';

/** Its plan: one name in it would be a tag of HTML. */
export const somePlan: Plan = {
  fault: { kind: 'calls', service: 'products', abort: 503, percent: 30 },
  service: 'products',
  arms: [
    { name: 'today', policies: [], repeats: 0 },
    {
      name: 'one <attempt>',
      policies: [{ caller: 'orders', callee: 'products', policy: { tries: 1 } }],
      repeats: 0,
    },
    { name: 'the same', policies: [], repeats: 2 },
  ],
  unchecked: false,
  blocks: 8,
  seed: 7,
  primary: 'success',
  rate: 20,
  seconds: { steady: 2, fault: 5, heal: 8 },
};

const served = [0.97, 0.7, 0.97];

const someRuns: readonly ArmRun[] = Array.from({ length: 8 }, (_, index) =>
  somePlan.arms.map(({ name }, arm): ArmRun => {
    const success = (served[arm] ?? 0) - ((index * (arm + 1)) % 3) / 200;
    return {
      arm: name,
      block: index + 1,
      values: { success, p50: 12, p99: 60, amplification: arm === 1 ? 1 : 1.4, recovery: 0 },
      invalid: [],
    };
  }),
).flat();

/** The report of these runs; what is in `spoilt` replaces the runs of that block. */
export function someComparison(spoilt: readonly ArmRun[] = []): ComparisonReport {
  const runs = [...someRuns.filter(({ block }) => spoilt.every((run) => run.block !== block)), ...spoilt];
  const names = somePlan.arms.map(({ name }) => name);
  const valid = [...new Set(someRuns.map(({ block }) => block))].filter((block) =>
    spoilt.every((run) => run.block !== block),
  );
  return {
    plan: somePlan,
    base: [],
    runs,
    valid_blocks: valid,
    valid: spoilt.length === 0,
    figures: judge(names, runs, somePlan.primary),
  };
}

/** What its page shows besides. */
export const someComparisonParts: ComparisonParts = {
  name: 'some',
  says: 'Is one attempt enough?',
  environment: someCircumstances.environment,
  command: './mesh experiment compare some --blocks 8 --seed 7',
};
