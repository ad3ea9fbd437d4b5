/**
 * Where an experiment can run: on any mesh, or on the native one only. What the native runner alone gives is power over the
 * processes of the mesh; the rest is done by the control service and by k6, which a mesh in containers has as well.
 */
import { UsageError } from '@microshop/cli/output/errors';
import { inContainers } from '@microshop/program-kit/typed-here';
import { type Experiment, type Fault, partsOf, typedName } from './definition.ts';

/** What of an experiment, or of a comparison, says where it can run. */
export type Wanting = Pick<Experiment, 'name' | 'fault' | 'replicas' | 'code'>;

/** Who makes a fault of each kind. */
const madeBy: Readonly<Record<Exclude<Fault['kind'], 'together' | 'timeline'>, 'control' | 'k6' | 'runner'>> =
  {
    calls: 'control',
    poison: 'control',
    duplicates: 'control',
    certificates: 'control',
    sale: 'k6',
    surge: 'k6',
    kill: 'runner',
    pause: 'runner',
    down: 'runner',
    restarts: 'runner',
    'read-only': 'runner',
    'hold-commits': 'runner',
    'hold-locks': 'runner',
    'memory-alarm': 'runner',
  };

function needsRunner(fault: Fault): boolean {
  if (fault.kind === 'together' || fault.kind === 'timeline') return fault.faults.some(needsRunner);
  return madeBy[fault.kind] === 'runner';
}

/** What it needs that only the native mesh has, to stand after "needs"; `undefined` for what runs in containers as well. */
export function nativeNeed({ fault, replicas = {}, code }: Omit<Wanting, 'name'>): string | undefined {
  if (needsRunner(fault)) {
    const parts = [...new Set(partsOf(fault))];
    return `power over ${parts.length > 3 ? 'every part' : parts.join(' and ')}`;
  }
  if (code !== undefined) return `${code.service} with edited code`;
  const more = Object.entries(replicas).filter(([, count]) => count !== 1);
  if (more.length > 0)
    return `${more.map(([service, count]) => `${count} replicas of ${service}`).join(' and ')}`;
  return undefined;
}

/** Whether it can run where this process is. */
export function runsHere(wanting: Omit<Wanting, 'name'>, env: NodeJS.ProcessEnv = process.env): boolean {
  return !inContainers(env) || nativeNeed(wanting) === undefined;
}

/**
 * Throws `UsageError` in a container for what needs the native mesh: the first of them, with what it needs and what to type.
 * `command` is how it is run, behind `./mesh experiment`.
 */
export function refuseNativeOnly(
  wanting: readonly Wanting[],
  command: 'run' | 'compare' = 'run',
  env: NodeJS.ProcessEnv = process.env,
): void {
  for (const one of wanting) {
    if (runsHere(one, env)) continue;
    throw new UsageError(
      `${typedName(one.name)} needs ${nativeNeed(one)}: only the native mesh supports that. Run it beside this one: MESH_INSTANCE=2 ./mesh experiment ${command} ${typedName(one.name)} in the checkout`,
    );
  }
}
