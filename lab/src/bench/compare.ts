/** Measures the pairs of one comparison that are left, and keeps each as soon as it is there. */
import type { Comparison, Side } from './comparisons.ts';
import type { MeasuredMesh } from './mesh/measured-mesh.ts';
import { leftOf, planOf } from './results/plan.ts';
import type { Result, Run } from './results/schemas.ts';
import { keepResult, withPair } from './results/store.ts';
import { whyInvalid } from './results/validity.ts';
import type { Arrivals } from './run/arrivals.ts';
import { measure } from './run/measure.ts';
import { tracesWhole } from './setup.ts';

/** What {@link comparePairs} needs. */
export interface CompareOptions {
  readonly comparison: Comparison;
  /** What is kept already. */
  readonly kept: Result;
  /** Gives the mesh of that side, up and healthy. */
  meshOf(side: Side): Promise<MeasuredMesh>;
  /** Where results are kept. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Called after each pair with what is kept now. */
  onPair(result: Result, index: number): void;
}

/** Measures each pair of the plan that is missing or proved nothing, once. An interrupted pair leaves nothing. */
export async function comparePairs(options: CompareOptions): Promise<Result> {
  const { comparison, directory, signal } = options;
  let result = options.kept;
  const runOf = async (side: Side): Promise<Run> => {
    const { setup, load } = side;
    return await measure({
      mesh: await options.meshOf(side),
      arrivals: arrivalsOf(load, result.plan),
      products: load.products,
      seconds: result.plan.seconds,
      warmUpSeconds: result.plan.warm_up_s,
      traced: tracesWhole(setup),
      signal,
    });
  };
  for (const { index, order } of leftOf(planOf(result.plan.pairs), result.pairs)) {
    const at = new Date().toISOString();
    const [one, other] = order;
    const earlier = await runOf(comparison.sides[one]);
    const later = await runOf(comparison.sides[other]);
    const runs: [Run, Run] = one === 0 ? [earlier, later] : [later, earlier];
    result = withPair(result, {
      index,
      first: one,
      at,
      runs,
      invalid: whyInvalid(runs, [comparison.sides[0].name, comparison.sides[1].name]),
    });
    await keepResult(directory, result);
    options.onPair(result, index);
  }
  return result;
}

/** Clients, or the rate of the plan. Throws when the load is at a rate and the plan has none. */
function arrivalsOf({ arrivals }: Side['load'], { rate }: Result['plan']): Arrivals {
  if (arrivals !== 'rate') return { kind: 'closed', clients: arrivals.clients };
  if (rate === undefined) throw new Error('The plan has no rate');
  return { kind: 'open', perSecond: rate };
}
