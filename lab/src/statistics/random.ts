/** Random numbers that repeat with their seed, so that an order of blocks can be repeated, and a simulation. */

/** Gives numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** Numbers of that seed (mulberry32: 32 bits of state, enough for an order of blocks and a thousand simulations). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The values in an order in which each is as probable (Fisher–Yates). */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const left = [...values];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1));
  return order;
}

/**
 * Randomised blocks: in each block every arm once, in random order. What drifts over the minutes (a warm cache, a
 * neighbour on the machine) so falls on all arms alike.
 */
export function randomisedBlocks<T>(arms: readonly T[], blocks: number, seed: number): T[][] {
  const random = seeded(seed);
  return Array.from({ length: blocks }, () => shuffled(arms, random));
}
