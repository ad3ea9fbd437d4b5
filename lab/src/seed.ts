/** The seed of what is drawn by chance: typed, or drawn itself. */
import { wholeNumber } from '@microshop/cli/output/values';

/** Largest seed: random numbers have 32 bits of state. */
const largestSeed = 2 ** 32 - 1;

/** The number that was typed after `--seed`, or one by chance. Throws `UsageError`. */
export function seedOf(text: string | undefined): number {
  return text === undefined
    ? Math.floor(Math.random() * largestSeed)
    : wholeNumber('--seed', text, 0, largestSeed);
}
