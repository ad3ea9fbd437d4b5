/** How fast this machine is right now: the time of a piece of work that is always the same. */

/** Pieces that are timed; the median is not moved by a few that were interrupted. */
const pieces = 21;

/** Pieces before them, by which V8 has compiled the work. */
const warmUpPieces = 5;

/** Steps of one piece: about 10 ms on a machine of 2024. */
const steps = 4_000_000;

/** Milliseconds that one piece takes, the median of many. Blocks this process for about 0.3 s. */
export function calibrate(): number {
  timePieces(warmUpPieces);
  const times = Array.from({ length: pieces }, () => timePieces(1));
  return times.sort((one, other) => one - other)[Math.floor(pieces / 2)] ?? Number.NaN;
}

/** Milliseconds that so many pieces take, one right after the other. Blocks this process meanwhile. */
export function timePieces(count: number): number {
  const began = performance.now();
  for (let piece = 0; piece < count; piece += 1) work();
  return performance.now() - began;
}

/** Its result is kept, or the compiler would leave the work out. */
let kept = 1;

/** A generator of random numbers (xorshift32): integer work within the registers, the same each time. */
function work(): void {
  let state = kept | 1;
  for (let step = 0; step < steps; step += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  kept = state;
}
