/** Values of policies as a whole: what is kept of them beside the topology, and in what two sets of policies differ. */
import {
  callEdges,
  edgeBetween,
  edgeNamed,
  type MeshPolicies,
  type PolicyChange,
  PolicyError,
  policyOf,
  policyValues,
  topologyPolicies,
} from '@microshop/topology';
import { Value } from 'typebox/value';
import {
  type PolicyDifference,
  type PolicyRecord,
  policyChangeSchema,
  type WantedPolicy,
} from './schemas.ts';

/**
 * The records with those values. A field that is not named keeps its value; a value that is the topology's is not kept.
 * Throws {@link PolicyError} for a call that does not exist or stands twice, a field that the call cannot have, and
 * `null` where the topology has a value. Whether the policies fit together is not checked.
 */
export function recordsWith(
  records: readonly PolicyRecord[],
  wanted: readonly WantedPolicy[],
): PolicyRecord[] {
  const names = wanted.map(({ caller, callee }) => edgeNamed(edgeBetween(caller, callee)));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new PolicyError(`${twice} is given twice`);
  return wanted.reduce<PolicyRecord[]>(
    (kept, { caller, callee, policy }) => {
      const edge = edgeBetween(caller, callee);
      const known = kept.find((record) => edgeNamed(record) === edgeNamed(edge));
      const others = kept.filter((record) => record !== known);
      const change = beside(policyValues(policyOf(topologyPolicies, edge)), edgeNamed(edge), {
        ...known?.change,
        ...policy,
      });
      return change === undefined ? others : [...others, { ...edge, change }];
    },
    [...records],
  );
}

/** What of the values is not the topology's; `undefined` when nothing is. */
function beside(
  topology: ReturnType<typeof policyValues>,
  edge: string,
  values: WantedPolicy['policy'],
): PolicyChange | undefined {
  const other = Object.entries(values).filter(([field, value]) => value !== topology[field]);
  const without = other.find(([, value]) => value === null);
  if (without !== undefined) {
    throw new PolicyError(
      `${edge}: ${without[0]} must have a value; the topology's is ${topology[without[0]]}`,
    );
  }
  return other.length === 0 ? undefined : Value.Parse(policyChangeSchema, Object.fromEntries(other));
}

/** The fields in which these policies differ, in the order in which people see them. */
export function differencesOf(before: MeshPolicies, after: MeshPolicies): PolicyDifference[] {
  return callEdges.flatMap(({ caller, callee }) => {
    const old = policyValues(policyOf(before, { caller, callee }));
    return Object.entries(policyValues(policyOf(after, { caller, callee })))
      .filter(([field, value]) => value !== old[field])
      .map(([field, value]) => ({ caller, callee, field, before: old[field] ?? null, after: value }));
  });
}
