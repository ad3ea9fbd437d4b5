/**
 * Whether clients notice an update. A request that fails counts whatever it was answered; but a machine that does much else refuses
 * some by itself. So clients order as fast as it bears while nothing changes, slower and slower until none fails; and what fails during
 * the update counts only where none fails at that rate afterwards, either.
 */
import type { Refusal } from './shop.ts';

/** Clients of one shop. Each function returns what they were refused. */
export interface Clients {
  /** While nothing changes: so many orders per second, for that time, milliseconds. */
  unchanged(rate: number, forMs: number): Promise<readonly Refusal[]>;
  /** While the update is made, from its begin to its end. */
  during(rate: number): Promise<readonly Refusal[]>;
}

/** What clients saw of an update. */
export interface Verdict {
  /** `too busy`: the machine made requests fail at every rate, so that nothing is known of the update. */
  readonly kind: 'unnoticed' | 'noticed' | 'too busy';
  /** Orders per second at which that is so. */
  readonly rate: number;
  /** What the update made fail. */
  readonly refusals: readonly Refusal[];
}

/** How long clients order before an update, to see whether the machine bears that rate, milliseconds; and after one that made requests fail. */
const beforeMs = 5000;
const afterMs = 20_000;

/**
 * Judges an update, made once at each of these rates until the answer is known. Only an update in which no request failed is unnoticed. One
 * during which requests were broken off, or met nobody, is noticed. Where they were late the next rate is tried, since the starts
 * of pods take time from the others; late requests at the last rate were the update's.
 */
export async function noticedBy(
  clients: Clients,
  rates: readonly number[],
  say: (line: string) => void,
): Promise<Verdict> {
  let verdict: Verdict = { kind: 'too busy', rate: 0, refusals: [] };
  for (const rate of rates) {
    verdict = { kind: 'too busy', rate, refusals: [] };
    const before = await clients.unchanged(rate, beforeMs);
    if (before.length > 0) {
      say(`${rate} orders per second: ${before.length} refused before anything was changed`);
      continue;
    }
    const refusals = await clients.during(rate);
    if (refusals.length === 0) return { kind: 'unnoticed', rate, refusals };
    const after = await clients.unchanged(rate, afterMs);
    const late = refusals.filter((one) => one.late).length;
    say(
      `${rate} orders per second: ${refusals.length} refused during the update, ${late} of them late, and ${after.length} afterwards`,
    );
    if (after.length > 0) continue;
    verdict = { kind: 'noticed', rate, refusals };
    if (late < refusals.length) return verdict;
  }
  return verdict;
}
