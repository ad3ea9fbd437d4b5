/** Makes what broke the mesh smaller, as long as it still breaks it in most of its runs. */

/** How a schedule came out in the runs that count. */
export interface Claim {
  readonly breaks: number;
  readonly runs: number;
}

/** What came of one run: broken in the way that is looked for, not so, or nothing that counts. */
export type OneRun = 'broken' | 'held' | 'nothing';

/** Runs that count as nothing may be this many times as many as those that are to count. */
const mostAttempts = 2;

/** Whether it broke in most of so many runs. */
export function isMost({ breaks }: Claim, repeat: number): boolean {
  return 2 * breaks > repeat;
}

/** Runs it until it is settled whether it breaks in most of `repeat` runs, or `over` says that there is no time left. */
export async function claimOf(
  run: () => Promise<OneRun>,
  repeat: number,
  over: () => boolean,
  before: Claim = { breaks: 0, runs: 0 },
): Promise<Claim> {
  let { breaks, runs } = before;
  for (let attempts = 0; attempts < mostAttempts * repeat && !over(); attempts += 1) {
    if (isMost({ breaks, runs }, repeat) || 2 * (runs - breaks) >= repeat) break;
    const came = await run();
    if (came === 'nothing') continue;
    runs += 1;
    if (came === 'broken') breaks += 1;
  }
  return { breaks, runs };
}

/** What {@link shrink} needs. */
export interface Shrinking<T> {
  /** Smaller ones than that, what is worth a run first. */
  smaller(than: T): Iterable<T>;
  /** Says the same of two that are the same. */
  keyOf(one: T): string;
  /** How it comes out in its runs. */
  claim(one: T): Promise<Claim>;
  /** Runs of each. */
  readonly repeat: number;
  /** Whether there is no time left. */
  over(): boolean;
}

/** The smallest one that was found, with its claim; the first itself when nothing smaller breaks it in most runs. */
export async function shrink<T>(
  first: T,
  claim: Claim,
  { smaller, keyOf, claim: ask, repeat, over }: Shrinking<T>,
): Promise<{ readonly smallest: T; readonly claim: Claim }> {
  const known = new Set([keyOf(first)]);
  let found = { smallest: first, claim };
  for (let again = true; again; ) {
    again = false;
    for (const candidate of smaller(found.smallest)) {
      if (over()) return found;
      const key = keyOf(candidate);
      if (known.has(key)) continue;
      known.add(key);
      const came = await ask(candidate);
      if (!isMost(came, repeat)) continue;
      found = { smallest: candidate, claim: came };
      again = true;
      break;
    }
  }
  return found;
}
