/** Fields of a policy, found by the name that a file of policies gives them. */
import { type CallPolicy, type NamedPolicyField, policyFieldList } from '@microshop/topology';

/** The field of that name. Throws when there is none. */
function fieldNamed(name: string): NamedPolicyField {
  const field = policyFieldList.find((one) => one.name === name);
  if (field === undefined) throw new Error(`There is no field "${name}" of a policy`);
  return field;
}

/** The value of a field; null where the policy has none. */
export function fieldValue(policy: CallPolicy, name: string): string | number | null {
  return fieldNamed(name).read(policy);
}

/** The largest value of a field that is a number. */
export function mostOf(name: string): number {
  return fieldNamed(name).most;
}
