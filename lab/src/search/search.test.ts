import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativePlacement } from '@microshop/topology';
import type { TimedFault } from '../experiment/definition.ts';
import { drawn, groundOf } from './draw.ts';
import { endOf, type Schedule } from './schedule.ts';
import { type Learnt, progressText, type SearchPlan, search, type Tried } from './search.ts';

const ground = groundOf(nativePlacement(), true);
const plan: SearchPlan = { seed: 7, rate: 10, for_ms: 1000, shrink_ms: 1000, repeat: 3 };

/** A mesh in which a rule says what breaks it: each run takes one tick of the clock. */
function mesh(breaks: (faults: readonly TimedFault[]) => boolean, tickMs = 0.1) {
  const interrupted = new AbortController();
  let clock = 0;
  const runs: Schedule[] = [];
  const said: string[] = [];
  const kept: Learnt[] = [];
  return {
    ...{ interrupted, runs, said, kept },
    hands: {
      async run(schedule: Schedule): Promise<Tried> {
        clock += tickMs;
        runs.push(schedule);
        const broken = breaks(schedule.faults);
        return {
          schedule,
          verdict: broken ? 'FAIL' : 'PASS',
          reasons: broken ? ['I4 is broken: order 7'] : [],
          broken: broken ? ['I4'] : [],
          faults: schedule.faults.map(() => ({ landed: true, saw: 'it' })),
          checked: ['I1', 'I4'],
        };
      },
      interrupted: interrupted.signal,
      now: () => clock,
      onProgress: (text: string) => void said.push(text),
      async onLearnt(learnt: Learnt) {
        kept.push(learnt);
      },
    },
  };
}

const run = (hands: ReturnType<typeof mesh>['hands'], one = plan) =>
  search(one, drawn(one.seed, 2000, ground), hands);

/** Whether a fault of that kind at a part overlaps another at that part. */
const overlap = (faults: readonly TimedFault[], one: string, other: string) => {
  const at = (part: string) => faults.filter((fault) => 'part' in fault && fault.part === part);
  return at(one).some((x) => at(other).some((y) => x.at_ms <= endOf(y) && y.at_ms <= endOf(x)));
};

test('a bug that two overlapping faults show is found, and made these two', async () => {
  const { hands, runs, kept } = mesh((faults) => overlap(faults, 'rabbitmq', 'orders'));
  const { found, tried, ended_early: early } = await run(hands);
  assert.ok(found !== null && early === null);
  assert.ok(tried.length > 1 && kept.length === tried.length);
  // what broke is kept before it is made smaller
  assert.deepEqual(kept.at(-1)?.tried.at(-1)?.broken, ['I4']);
  assert.deepEqual(found.smallest.faults.map((one) => ('part' in one ? one.part : '')).sort(), [
    'orders',
    'rabbitmq',
  ]);
  assert.ok(overlap(found.smallest.faults, 'rabbitmq', 'orders'));
  assert.ok(found.smallest.load.seconds <= found.first.load.seconds);
  assert.deepEqual([found.claim, found.left_off, found.broken], [{ breaks: 2, runs: 2 }, null, ['I4']]);
  assert.ok(runs.length < tried.length + 60, `${runs.length - tried.length} runs to make it smaller`);
});

test('a seed finds the same', async () => {
  const rule = (faults: readonly TimedFault[]) => overlap(faults, 'rabbitmq', 'orders');
  const [one, other] = [await run(mesh(rule).hands), await run(mesh(rule).hands)];
  assert.deepEqual(one.found?.smallest, other.found?.smallest);
});

test('what breaks the mesh in one run and never again is kept as it is, and says so', async () => {
  let left = 1;
  const { hands } = mesh((faults) => {
    if (faults.length < 3) return false;
    left -= 1;
    return left === 0;
  });
  const { found } = await run(hands);
  assert.ok(found !== null);
  assert.deepEqual(found.smallest, found.first);
  assert.deepEqual(found.claim, { breaks: 1, runs: 3 });
  assert.equal(found.left_off, 'it did not break again in most of 3 runs');
});

test('after what broke once the search goes on, and finds what breaks it in most runs', async () => {
  let once = true;
  const { hands, said } = mesh((faults) => {
    if (overlap(faults, 'rabbitmq', 'orders')) return true;
    const first = once;
    once = false;
    return first;
  });
  const { found, tried } = await run(hands);
  assert.ok(found !== null && overlap(found.smallest.faults, 'rabbitmq', 'orders'));
  assert.deepEqual(found.claim, { breaks: 2, runs: 2 });
  assert.ok(tried.length > 1 && tried[0]?.verdict === 'FAIL', 'what broke once stays what it was');
  assert.ok(said.some((text) => text.startsWith('kept; ')));
});

test('what is wrong at rest counts though the machine was too busy for the run to be valid, when most runs show it', async () => {
  const busy = (broken: string, times = Number.POSITIVE_INFINITY) => {
    let left = times;
    const { hands } = mesh((faults) => overlap(faults, 'rabbitmq', 'orders'));
    return {
      ...hands,
      async run(schedule: Schedule): Promise<Tried> {
        const tried = await hands.run(schedule);
        if (tried.verdict === 'FAIL') left -= 1;
        const shown = tried.verdict === 'FAIL' && left >= 0;
        return { ...tried, verdict: 'INVALID', broken: shown ? [broken] : [] };
      },
    };
  };
  const draws = () => drawn(7, 2000, ground);
  const { found } = await search(plan, draws(), busy('I4'));
  assert.deepEqual([found?.broken, found?.claim], [['I4'], { breaks: 2, runs: 2 }]);
  assert.equal((await search({ ...plan, for_ms: 10 }, draws(), busy('I4', 1))).found, null);
  assert.equal((await search({ ...plan, for_ms: 10 }, draws(), busy('I8'))).found, null);
});

test('a smaller one that breaks something else is not the same', async () => {
  const { hands } = mesh((faults) => overlap(faults, 'rabbitmq', 'orders'));
  const other = {
    ...hands,
    async run(schedule: Schedule) {
      const tried = await hands.run(schedule);
      const alone = schedule.faults.length === 1;
      return alone
        ? { ...tried, verdict: 'FAIL' as const, broken: ['I1'], reasons: ['I1 is broken'] }
        : tried;
    },
  };
  // the first schedule with one fault is broken at once: let the search begin with larger ones
  const draws = drawn(7, 2000, ground).filter((draw) => draw.length > 1);
  const { found } = await search(plan, draws, other);
  assert.equal(found?.smallest.faults.length, 2);
});

/** The mesh of a rule in which the runs that it breaks come out as `as` says. */
function breaking(
  rule: (faults: readonly TimedFault[]) => boolean,
  as: (schedule: Schedule) => Partial<Tried>,
) {
  const { hands, ...rest } = mesh(rule);
  return {
    ...rest,
    hands: {
      ...hands,
      async run(schedule: Schedule): Promise<Tried> {
        const tried = await hands.run(schedule);
        return tried.verdict === 'FAIL' ? { ...tried, ...as(schedule) } : tried;
      },
    },
  };
}
const severalFaults = () => drawn(7, 2000, ground).filter((draw) => draw.length > 1);

test('a smaller one that is only late is not the same as one after which something is wrong at rest', async () => {
  const { hands } = breaking(
    () => true,
    ({ faults }) => ({ broken: overlap(faults, 'rabbitmq', 'orders') ? ['I3a', 'I7'] : ['I7'] }),
  );
  const draws = severalFaults().filter((draw) =>
    overlap(
      draw.map(({ value }) => value),
      'rabbitmq',
      'orders',
    ),
  );
  const { found } = await search(plan, draws, hands);
  assert.equal(found?.smallest.faults.length, 2);
  assert.deepEqual(found?.broken, ['I3a', 'I7']);
});

test('what is said of the smallest one is what it breaks itself', async () => {
  const { hands } = breaking(
    (faults) => overlap(faults, 'rabbitmq', 'orders'),
    ({ faults }) =>
      faults.length > 2
        ? { broken: ['recovery_s', 'I4'], reasons: ['recovery_s is 13', 'I4 is broken'] }
        : { broken: ['I4'], reasons: ['I4 is broken'] },
  );
  const { found } = await search(
    plan,
    drawn(7, 2000, ground).filter((draw) => draw.length > 2),
    hands,
  );
  assert.equal(found?.smallest.faults.length, 2);
  assert.deepEqual([found?.broken, found?.reasons], [['I4'], ['I4 is broken']]);
});

test('a run that is cut short while it is made smaller shows nothing', async () => {
  const { hands, interrupted, runs } = mesh(() => true);
  const stopping = {
    ...hands,
    async run(schedule: Schedule): Promise<Tried> {
      const tried = await hands.run(schedule);
      if (runs.length < 2) return tried;
      interrupted.abort();
      return { ...tried, verdict: 'INVALID', reasons: ['the run ended early: it was interrupted'] };
    },
  };
  const { found } = await run(stopping);
  assert.deepEqual([found?.claim, found?.left_off], [{ breaks: 1, runs: 1 }, 'it was interrupted']);
});

test('where nothing breaks, the search ends with its time, and counts what landed and was checked', async () => {
  const { hands, runs, said } = mesh(() => false, 100);
  const { tried, found, ended_early: early } = await run(hands);
  assert.deepEqual([found, early, tried.length, runs.length], [null, null, 10, 10]);
  const faults = runs.flatMap((one) => one.faults).length;
  assert.equal(
    said.at(-1),
    `10 schedules tried, ${faults} of ${faults} faults landed, 20 invariants checked, 0s left`,
  );
});

test('a schedule that proved nothing counts as nothing', () => {
  const schedule: Schedule = {
    load: { rate: 10, seconds: 1 },
    faults: [{ at_ms: 0, kind: 'kill', part: 'users' }],
  };
  const nothing: Tried = {
    schedule,
    ...{ verdict: 'INVALID', reasons: ['no witness'], broken: [], checked: ['I1'] },
    faults: [{ landed: false, saw: 'nothing' }],
  };
  assert.equal(
    progressText([nothing], 61_400),
    '1 schedule tried (1 count as nothing), 0 of 1 fault landed, 0 invariants checked, 1m1s left',
  );
});

test('answers that were late in one run and never again count as nothing, and the search goes on', async () => {
  let left = 1;
  const { hands } = mesh(() => false, 100);
  const late = {
    ...hands,
    async run(schedule: Schedule): Promise<Tried> {
      const tried = await hands.run(schedule);
      left -= 1;
      const says = { broken: ['I5'], reasons: ['I5 is broken: p99 is 4200 ms'] };
      return left === 0 ? { ...tried, ...says, verdict: 'FAIL' } : tried;
    },
  };
  const { found, tried } = await run(late);
  assert.equal(found, null);
  assert.deepEqual(
    [tried[0]?.verdict, tried[0]?.reasons, tried[0]?.unproven],
    ['INVALID', ['in 1 of 3 runs only: I5 is broken: p99 is 4200 ms'], { breaks: 1, runs: 3 }],
  );
  assert.deepEqual(new Set(tried.slice(1).map(({ verdict }) => verdict)), new Set(['PASS']));
  assert.ok(tried.length > 5);
});

test('a search that is interrupted says what was learnt', async () => {
  const { hands, interrupted } = mesh(() => false);
  const stopping = {
    ...hands,
    async run(schedule: Schedule) {
      const tried = await hands.run(schedule);
      interrupted.abort();
      return tried;
    },
  };
  const { tried, ended_early: early } = await run(stopping);
  assert.deepEqual([tried.length, early], [1, 'it was interrupted']);
});

test('making it smaller ends with its time', async () => {
  const { hands } = mesh((faults) => overlap(faults, 'rabbitmq', 'orders'), 1);
  const { found } = await run(hands, { ...plan, for_ms: 1e6, shrink_ms: 4 });
  assert.equal(found?.left_off, 'the time for it was over');
});

test('a mesh that cannot be asked ends the search after three attempts', async () => {
  const { hands } = mesh(() => false);
  const broken = {
    ...hands,
    async run(): Promise<Tried> {
      throw new Error('control does not answer');
    },
  };
  const { tried, ended_early: early } = await run(broken);
  assert.deepEqual([tried.length, early], [3, 'control does not answer']);
});
