/** `./mesh experiment run schedule.json`: whether a schedule is asked for, and of which mesh. */
import { containerPlacement } from '@microshop/cli/mesh/container-parts';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { UsageError } from '@microshop/cli/output/errors';
import { inContainers } from '@microshop/program-kit/typed-here';
import type { Placement } from '@microshop/topology';
import type { RunOptions } from '../experiment/asked.ts';

/** What tells the file of a schedule from the name of an experiment. */
const ending = '.json';

/** Options that an experiment takes and a schedule does not: it has its own load, faults and lengths, and is run once. */
const ofExperiments = [
  'all',
  'continue',
  'mutant',
  'mutants',
  'seed',
  'repeat',
  'full',
  'steady',
  'fault',
  'heal',
] as const satisfies readonly (keyof RunOptions)[];

/** The file of the schedule that is named; `undefined` where none is. Throws `UsageError` for what does not go with one. */
export function scheduleFileOf(names: readonly string[], options: RunOptions): string | undefined {
  const file = names.find((name) => name.endsWith(ending));
  if (file === undefined) {
    if (options.planted === undefined) return undefined;
    throw new UsageError('--planted is for a schedule: ./mesh experiment run schedule.json');
  }
  if (names.length > 1) throw new UsageError(`Run ${file} by itself: a schedule is run once, alone`);
  const other = ofExperiments.find((name) => options[name] !== undefined);
  if (other === undefined) return file;
  throw new UsageError(`--${other} does not go with a schedule; set it in ${file}`);
}

/** The mesh of this command, with the replicas that it runs with. */
export async function placementHere(): Promise<Placement> {
  if (inContainers()) return containerPlacement();
  const { client, placement } = meshSettings();
  return placement((await client.status())?.replicas);
}
