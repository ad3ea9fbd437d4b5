/** Policies as a file that `read-file.ts` reads. */
import type { PolicyAnswer, WantedPolicy } from '@microshop/control/changes/schemas';
import { wantedPolicySchema } from '@microshop/control/changes/schemas';
import { edgeBetween, policyOf, possibleFields, topologyPolicies } from '@microshop/topology';
import { Value } from 'typebox/value';
import { stringify } from 'yaml';

/** Everything that is in effect, as it can be applied: each call with the fields that it can have. */
export function wantedOf(policies: readonly PolicyAnswer[]): WantedPolicy[] {
  return policies.map(({ caller, callee, policy }) => {
    const possible = possibleFields(policyOf(topologyPolicies, edgeBetween(caller, callee)));
    const values = possible.map(({ name }) => [name, policy[name] ?? null] as const);
    return Value.Parse(wantedPolicySchema, { caller, callee, policy: Object.fromEntries(values) });
  });
}

/** The text of a file with those policies. */
export function policyFileText(policies: readonly WantedPolicy[]): string {
  const head = [
    '# Policies of calls: ./mesh policy apply FILE makes them those in effect.',
    '# A call or a field that is left out stays as it is; null: the call has no such limit.',
    '# Times are in milliseconds. ./mesh policy set --help says what each field is.',
  ];
  // a text stays on one line, however long
  return `${head.join('\n')}\n${stringify({ policies }, { lineWidth: 0 })}`;
}
