/** Which callers of the shop a resource is for, by the labels of their pods. */
import type { Identity } from '@microshop/topology';
import type { Fields } from './fields.ts';
import type { Hosts } from './hosts.ts';
import { gatewayName, podLabels } from './names.ts';

/** Callers whose pods have some labels. */
export interface Callers {
  /** `undefined`: every one. */
  readonly names: readonly Identity[] | undefined;
  /** Whether each is meant with all its replicas, not only with those that have one more label. */
  readonly whole: boolean;
}

/** Reads the labels in that field; without one every caller is meant. Names what of them has no equal here. */
export function callersIn(fields: Fields, key: string, hosts: Hosts): Callers {
  const labels = fields.labels(key);
  if (labels.size === 0) return { names: undefined, whole: true };
  const names = podLabels
    .flatMap((label) => labels.get(label) ?? [])
    .flatMap((name): Identity | [] => (name === gatewayName ? name : (hosts.serviceOf(name) ?? [])));
  const others = [...labels.keys()].filter((label) => !podLabels.some((known) => known === label));
  if (names.length === 0) {
    fields.note(
      key,
      `no service here has that name in ${podLabels.join(', ')}; --as <service>=<name> says which one it stands for`,
    );
  } else if (others.length > 0) {
    fields.note(key, `a policy here is for every replica of a caller, whatever its ${others.join(', ')}`);
  }
  return { names, whole: others.length === 0 };
}
