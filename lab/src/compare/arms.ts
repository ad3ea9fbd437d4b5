/** The arms of a comparison: the policies of each, and how its buyers repeat. */
import path from 'node:path';
import { UsageError } from '@microshop/cli/output/errors';
import type { WantedPolicy } from '@microshop/control/changes/schemas';

/** One arm. */
export interface Arm {
  /** Of its own within the comparison. */
  readonly name: string;
  /** What it changes of the policies that were in effect before the comparison. */
  readonly policies: readonly WantedPolicy[];
  /** How often a buyer sends an order again with its key whose answer leaves open what became of it. */
  readonly repeats: number;
}

/** The policies in effect before the comparison, as an arm is named. */
export const todayName = 'today';

/**
 * The arms that were typed, in their order: {@link todayName}, or a file as `./mesh policy export` writes it. `read` reads
 * such a file. One that stands twice is compared with itself. Throws `UsageError` for fewer than two.
 */
export async function typedArms(
  typed: readonly string[],
  read: (file: string) => Promise<readonly WantedPolicy[]>,
): Promise<Arm[]> {
  if (typed.length < 2) {
    throw new UsageError(`Name at least two arms: --arm ${todayName} --arm mine.yaml`);
  }
  const arms: Arm[] = [];
  for (const text of typed) {
    const policies = text === todayName ? [] : await read(text);
    arms.push({ name: freeName(nameOf(text), arms), policies, repeats: 0 });
  }
  return arms;
}

/** The name of a file without its ending, unless that would be {@link todayName}: it is another arm. */
function nameOf(text: string): string {
  if (text === todayName) return text;
  const name = path.basename(text).replace(/\.(ya?ml|json)$/, '');
  return name === todayName ? text : name;
}

/** The name, with a number behind it where another arm has it. */
function freeName(name: string, arms: readonly Arm[]): string {
  let free = name;
  for (let count = 2; arms.some((arm) => arm.name === free); count += 1) free = `${name} (${count})`;
  return free;
}

/** Every value of `base`, with those of `own` in their place. */
export function overlaid(base: readonly WantedPolicy[], own: readonly WantedPolicy[]): WantedPolicy[] {
  return base.map((call) => {
    const mine = own.find(({ caller, callee }) => caller === call.caller && callee === call.callee);
    return { ...call, policy: { ...call.policy, ...mine?.policy } };
  });
}
