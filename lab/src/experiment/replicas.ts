/** The replicas that experiments and comparisons need. */
import { ProvedNothing } from '@microshop/cli/output/errors';
import { type Replicas, services } from '@microshop/topology';

/** Something that needs replicas: where it names none of a service, any number will do. */
export interface NeedsReplicas {
  readonly name: string;
  readonly replicas?: Replicas;
}

/** Whether every service has as many in both; one where absent. */
export function sameReplicas(one: Replicas, other: Replicas): boolean {
  return services.every(({ name }) => (one[name] ?? 1) === (other[name] ?? 1));
}

/** Throws `ProvedNothing` that names those which say nothing on a mesh with these replicas, and what to type. */
export function refuseOtherReplicas(
  wanting: readonly NeedsReplicas[],
  here: Readonly<Record<string, number>>,
): void {
  const unmet = wanting.filter(({ replicas = {} }) =>
    Object.entries(replicas).some(([service, count]) => (here[service] ?? 1) !== count),
  );
  if (unmet.length === 0) return;
  const needs = unmet.map(({ name, replicas = {} }) => {
    const options = Object.entries(replicas).map(([service, count]) => `--replicas ${service}=${count}`);
    return `${name} needs ./mesh up ${options.join(' ')}`;
  });
  throw new ProvedNothing(
    `INVALID: the running mesh has other replicas: ${needs.join('; ')}. After ./mesh down the right mesh is started for the run`,
  );
}
