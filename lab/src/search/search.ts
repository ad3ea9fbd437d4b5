/** The search: schedules run one after the other until one breaks an invariant in most of its runs, which is then made smaller. */
import { durationText } from '@microshop/cli/output/values';
import { messageOf } from '@microshop/program-kit/errors';
import { faultCommand } from '../experiment/definition.ts';
import type { VerdictName } from '../experiment/verdict.ts';
import { type Draw, faultsOf, smaller } from './draw.ts';
import { endOf, type Schedule } from './schedule.ts';
import { type Claim, claimOf, isMost, type OneRun, shrink } from './shrink.ts';

/** What is searched, and for how long. */
export interface SearchPlan {
  readonly seed: number;
  /** Buyers per second. */
  readonly rate: number;
  /** Time in which schedules are begun, milliseconds. */
  readonly for_ms: number;
  /** Time for making what was found smaller, milliseconds. */
  readonly shrink_ms: number;
  /** Runs of each smaller schedule. */
  readonly repeat: number;
  /** Name of a bug that was put in. */
  readonly planted?: string;
}

/** What came of one run of a schedule. */
export interface Tried {
  readonly schedule: Schedule;
  readonly verdict: VerdictName;
  readonly reasons: readonly string[];
  /** Names of what was broken: `I4`, or a figure. */
  readonly broken: readonly string[];
  /** What was seen of each fault. */
  readonly faults: readonly { readonly landed: boolean; readonly saw: string }[];
  /** Names of the invariants that it was held against. */
  readonly checked: readonly string[];
  /** How often it broke something, where that was too seldom to count. */
  readonly unproven?: Claim;
}

/** What broke the mesh. */
export interface Found {
  /** Time from the begin of the search to the end of the run that broke it, milliseconds. */
  readonly after_ms: number;
  /** As it was drawn. */
  readonly first: Schedule;
  /** The smallest that breaks the same: where something is wrong at rest, one of that. */
  readonly smallest: Schedule;
  /** How often that one broke it. */
  readonly claim: Claim;
  /** Names of what it breaks: in most of the runs in which it broke something. */
  readonly broken: readonly string[];
  /** What the last of these said. */
  readonly reasons: readonly string[];
  /** Why it was not made as small as can be; `null` when it was. */
  readonly left_off: string | null;
}

/** What was learnt. */
export interface Learnt {
  readonly tried: readonly Tried[];
  readonly found: Found | null;
  /** Why it ended before its time; `null` when it did not. */
  readonly ended_early: string | null;
}

/** What it runs with. */
export interface SearchHands {
  /** Runs it once under load, and gives the mesh back as it was. Throws when it could not be run. */
  run(schedule: Schedule): Promise<Tried>;
  /** Aborted when it is to end early. */
  readonly interrupted: AbortSignal;
  /** Milliseconds of a clock that only goes forward. */
  now(): number;
  /** Hears what goes on. */
  onProgress(text: string): void;
  /** Hears what was learnt so far, after each schedule. */
  onLearnt(learnt: Learnt): Promise<void>;
}

/** Runs that could not be made at all, one after the other, before the search gives up. */
const mostFailures = 3;

/** Shortest schedule, seconds: in a shorter one a single buyer more or less would count as another load. */
const shortest = 2;

/** The schedule of a draw: as long as its faults. */
export function scheduleOf(draw: Draw, { seed, rate }: Pick<SearchPlan, 'seed' | 'rate'>): Schedule {
  const faults = faultsOf(draw);
  const seconds = Math.max(shortest, ...faults.map((fault) => Math.ceil(endOf(fault) / 1000)));
  return { load: { rate, seconds }, seed, faults };
}

/**
 * Searches. What broke something once and not in most runs again is kept, while the rest of the time goes to finding a schedule that does.
 * Never throws for what happens in a run.
 */
export async function search(plan: SearchPlan, draws: Iterable<Draw>, hands: SearchHands): Promise<Learnt> {
  const begin = hands.now();
  const end = begin + plan.for_ms;
  const tried: Tried[] = [];
  let rare: Found | null = null;
  const learnt = (rest: Partial<Learnt> = {}): Learnt => ({
    tried,
    found: rare,
    ended_early: hands.interrupted.aborted ? 'it was interrupted' : null,
    ...rest,
  });
  let failures = 0;
  for (const draw of draws) {
    if (hands.interrupted.aborted || hands.now() >= end) break;
    const schedule = scheduleOf(draw, plan);
    hands.onProgress(
      `schedule ${tried.length + 1}: ${faultCommand({ kind: 'timeline', faults: schedule.faults })}`,
    );
    const one = await runIt(schedule, hands);
    failures = one.failed ? failures + 1 : 0;
    tried.push(one.tried);
    hands.onProgress(progressText(tried, end - hands.now()));
    // a run that was cut short has not settled
    if (one.tried.verdict === 'FAIL' || (breaks(one.tried) && !hands.interrupted.aborted)) {
      const after = Math.round(hands.now() - begin);
      // if this command is killed while it is made smaller, that it broke something is on disk
      await hands.onLearnt(learnt());
      const found = { after_ms: after, ...(await makeSmall(draw, one.tried, plan, hands)) };
      if (isMost(found.claim, plan.repeat)) return learnt({ found });
      if (one.tried.verdict === 'FAIL' && found.broken.some((name) => atRest.includes(name))) {
        rare ??= found;
        hands.onProgress('kept; the search goes on for one that breaks something in most of its runs');
      } else {
        tried[tried.length - 1] = unproven(one.tried, found.claim);
      }
    }
    if (failures === mostFailures) {
      return learnt({ ended_early: one.tried.reasons.join('; ') });
    }
    await hands.onLearnt(learnt());
  }
  return learnt();
}

/** What does not depend on time, in rows and sidecars at rest, in a trace that shows an order twice, and in some answers: once is enough. */
const atRest: readonly string[] = [
  ...['I1', 'I2', 'I3a', 'I3b', 'I4'],
  ...['dead_letters', 'faults_left', 'seen_twice', 'wrong_answers'],
];

/**
 * Whether a run has broken one of those, or anything. Of one that is invalid, as on a machine that was too busy, what is wrong at rest
 * counts: it does not depend on how healthy the mesh was before the faults.
 */
export function breaks({ verdict, broken }: Tried, names: readonly string[] = broken): boolean {
  return broken.some((name) => names.includes(name) && (verdict !== 'INVALID' || atRest.includes(name)));
}

/**
 * By which of those names the same is known again: what is wrong at rest, where anything is. What is late as well then may have another
 * reason, and leads to no smaller schedule.
 */
export function wantedOf(broken: readonly string[]): readonly string[] {
  const grave = broken.filter((name) => atRest.includes(name));
  return grave.length > 0 ? grave : broken;
}

/** A machine that is busy for a moment makes answers late as well: that counts as nothing. */
function unproven(tried: Tried, claim: Claim): Tried {
  const reasons = tried.reasons.map((reason) => `in ${claim.breaks} of ${claim.runs} runs only: ${reason}`);
  return { ...tried, verdict: 'INVALID', reasons, unproven: claim };
}

/** A run that could not be made counts as nothing. */
async function runIt(
  schedule: Schedule,
  { run }: Pick<SearchHands, 'run'>,
): Promise<{ readonly tried: Tried; readonly failed: boolean }> {
  try {
    return { tried: await run(schedule), failed: false };
  } catch (error) {
    const reasons = [messageOf(error)];
    const nothing = { verdict: 'INVALID', reasons, broken: [], faults: [], checked: [] } as const;
    return { tried: { schedule, ...nothing }, failed: true };
  }
}

/** First whether it breaks it again; then smaller ones, each of which has to break one of the same invariants ({@link wantedOf}). */
async function makeSmall(
  draw: Draw,
  drawn: Tried,
  plan: SearchPlan,
  hands: SearchHands,
): Promise<Omit<Found, 'after_ms'>> {
  const { repeat } = plan;
  const { schedule, broken, reasons } = drawn;
  const wanted = wantedOf(broken);
  const keyOf = (one: Draw) => JSON.stringify(faultsOf(one));
  /** Runs that broke it, by their faults. */
  const shown = new Map<string, Tried[]>([[keyOf(draw), [drawn]]]);
  const end = hands.now() + plan.shrink_ms;
  let why: string | undefined;
  const over = () => {
    if (why !== undefined) return true;
    if (hands.interrupted.aborted) why = 'it was interrupted';
    else if (hands.now() >= end) why = 'the time for it was over';
    return why !== undefined;
  };
  const once = async (one: Schedule): Promise<OneRun> => {
    const { tried, failed } = await runIt(one, hands);
    if (failed) why = tried.reasons.join('; ');
    // a run that was cut short has not settled
    if (tried.verdict === 'INVALID' && hands.interrupted.aborted) return 'nothing';
    if (!breaks(tried, wanted)) return tried.verdict === 'INVALID' ? 'nothing' : 'held';
    const key = JSON.stringify(one.faults);
    shown.set(key, [...(shown.get(key) ?? []), tried]);
    return 'broken';
  };
  const claim = async (one: Draw, before?: Claim) => {
    const smallSchedule = scheduleOf(one, plan);
    const came = await claimOf(() => once(smallSchedule), repeat, over, before);
    hands.onProgress(
      `${countOf(one.length, 'fault')}, ${smallSchedule.load.seconds} s: broke in ${came.breaks} of ${came.runs} runs; ${leftText(end - hands.now())} to make it smaller`,
    );
    return came;
  };
  hands.onProgress(`broken: ${reasons.join('; ')}`);
  const first = await claim(draw, { breaks: 1, runs: 1 });
  if (!isMost(first, repeat)) {
    const leftOff = why ?? `it did not break again in most of ${repeat} runs`;
    return { first: schedule, broken, reasons, smallest: schedule, claim: first, left_off: leftOff };
  }
  const { smallest, claim: last } = await shrink(draw, first, {
    smaller,
    keyOf,
    claim,
    repeat,
    over,
  });
  const runs = shown.get(keyOf(smallest)) ?? [drawn];
  return {
    first: schedule,
    broken: brokenInMost(runs),
    reasons: runs.at(-1)?.reasons ?? reasons,
    smallest: scheduleOf(smallest, plan),
    claim: last,
    left_off: why ?? null,
  };
}

/** Names of what most of the runs have broken; of all where they have nothing in common. */
function brokenInMost(runs: readonly Tried[]): string[] {
  const names = [...new Set(runs.flatMap(({ broken }) => broken))];
  const most = names.filter(
    (name) => 2 * runs.filter(({ broken }) => broken.includes(name)).length > runs.length,
  );
  return most.length > 0 ? most : names;
}

/** What counts of what was tried. */
export function countsOf(tried: readonly Tried[]) {
  const counted = tried.filter(({ verdict }) => verdict !== 'INVALID');
  const faults = tried.flatMap((one) => one.faults);
  return {
    tried: tried.length,
    counted: counted.length,
    faults: tried.reduce((sum, { schedule }) => sum + schedule.faults.length, 0),
    landed: faults.filter(({ landed }) => landed).length,
    checked: counted.reduce((sum, { checked }) => sum + checked.length, 0),
  };
}

/** A line on how far it is. */
export function progressText(tried: readonly Tried[], leftMs: number): string {
  const counts = countsOf(tried);
  const nothing = counts.tried - counts.counted;
  return [
    `${countOf(counts.tried, 'schedule')} tried${nothing === 0 ? '' : ` (${nothing} count as nothing)`}`,
    `${counts.landed} of ${countOf(counts.faults, 'fault')} landed`,
    `${countOf(counts.checked, 'invariant')} checked`,
    `${leftText(leftMs)} left`,
  ].join(', ');
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Whole seconds. */
function leftText(ms: number): string {
  return durationText(1000 * Math.max(0, Math.round(ms / 1000)));
}
