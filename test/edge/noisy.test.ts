/**
 * One client at ten times its limit: another one is answered every time, in about the time that it takes beside a client which keeps to
 * its limit. Times are compared within blocks, and said; they fail nothing, since the noise costs the machine that all are on, too.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { compareArms, leastBlocks } from '@microshop/lab/statistics/compare';
import { quantile, spread } from '@microshop/lab/statistics/spread';
import { clientRateLimits } from '@microshop/topology';
import { steadily } from '../harness/buying.ts';
import { type NoiseResult, startNoise } from '../harness/noise.ts';
import { randomFrom, seedOfRun, shuffled } from '../harness/random.ts';
import { request } from '../harness/shop.ts';
import { type LoggedIn, newCustomer, showing } from '../harness/sign-in.ts';

/** Blocks, and how long the quiet client is timed in each of their parts, seconds; twelve of five to compare times. */
const blocks = Number(process.env['MESH_TEST_NOISE_BLOCKS'] ?? 2);
const partSeconds = Number(process.env['MESH_TEST_NOISE_PART_S'] ?? 2);

const { user: limit } = clientRateLimits;

/** What the other client asks for, as a multiple of its limit; with 0 there is none. */
const loudnesses = [1, 0, 10] as const;
type Loudness = (typeof loudnesses)[number];

/** Requests of the quiet client per second: most of what it may. */
const perSecond = 0.8 * limit.perSecond;

/** A change of p99 that matters to nobody, as a share. */
const margin = 0.25;

/** How long the noise lasts before it counts, milliseconds: a client that was quiet has its burst first, which is let in. */
const burstMs = 1500;

const path = '/api/orders?limit=1';

const seed = seedOfRun();

let noisy: LoggedIn;
let quiet: LoggedIn;

before(async () => {
  [noisy, quiet] = await Promise.all([newCustomer(), newCustomer()]);
});

interface Timed {
  readonly status: number;
  readonly tookMs: number;
}

interface Part {
  readonly answers: readonly Timed[];
  readonly noise?: NoiseResult;
}

/** The quiet client for the length of a part. */
function timed(): Promise<Timed[]> {
  return steadily(perSecond, partSeconds * 1000, async () => {
    const began = performance.now();
    const { status } = await request('GET', path, undefined, showing(quiet.token));
    return { status, tookMs: performance.now() - began };
  });
}

/** The same beside the other one. */
async function beside(loudness: Loudness): Promise<Part> {
  if (loudness === 0) return { answers: await timed() };
  const noise = await startNoise({
    path,
    headers: showing(noisy.token),
    perSecond: loudness * limit.perSecond,
  });
  try {
    await delay(burstMs);
    return { answers: await timed(), noise: await noise.stop() };
  } finally {
    // a thread that goes on would keep a failed test from its end
    await noise.end();
  }
}

test('a client at ten times its limit is refused, and another one is answered as before', async (t) => {
  t.diagnostic(`MESH_SEED=${seed}`);
  const random = randomFrom(seed);
  const parts = new Map<Loudness, Part[]>(loudnesses.map((loudness) => [loudness, []]));
  const of = (loudness: Loudness) => parts.get(loudness) ?? [];
  // what is done for the first time is slow
  await timed();
  for (let block = 0; block < blocks; block += 1) {
    for (const loudness of shuffled(loudnesses, random)) of(loudness).push(await beside(loudness));
  }

  const noises = of(10).flatMap(({ noise }) => noise ?? []);
  const count = (status: number) => noises.reduce((sum, { answers }) => sum + (answers[status] ?? 0), 0);
  const seconds = noises.reduce((sum, noise) => sum + noise.seconds, 0);
  const all = noises.reduce((sum, { answers }) => sum + Object.values(answers).reduce((a, b) => a + b, 0), 0);
  t.diagnostic(
    `the noisy client: ${Math.round(all / seconds)} requests/s of ${10 * limit.perSecond}, ${count(200)} of ${all} let in`,
  );
  assert.equal(count(200) + count(429), all, JSON.stringify(noises));
  assert.ok(count(200) <= noises.length * (limit.burst + limit.perSecond) + limit.perSecond * seconds);
  assert.ok(count(429) > 0);

  for (const loudness of loudnesses) {
    const statuses = of(loudness).flatMap(({ answers }) => answers.map(({ status }) => status));
    assert.deepEqual([...new Set(statuses)], [200], `the quiet client beside ${loudness} times the limit`);
  }

  const p99s = loudnesses.map((loudness) =>
    of(loudness).map(({ answers }) => {
      const times = answers.map(({ tookMs }) => tookMs);
      return quantile(times, 0.99);
    }),
  );
  for (const [index, loudness] of loudnesses.entries()) {
    const { median, least, most } = spread(p99s[index] ?? []);
    t.diagnostic(
      `p99 of the quiet client beside ${loudness} times the limit: ${median.toFixed(1)} ms (${least.toFixed(1)} to ${most.toFixed(1)})`,
    );
  }
  if (blocks < leastBlocks(loudnesses.length - 1)) return;
  const [first = [], ...others] = p99s.map((values) => values.map((value) => Math.log(value)));
  const comparisons = compareArms(first, others, { better: 'lower', margin: Math.log(1 + margin) });
  for (const [index, { shift, said }] of comparisons.entries()) {
    const [estimate, least, most] = [shift.estimate, shift.least, shift.most].map((log) =>
      Math.exp(log).toFixed(2),
    );
    t.diagnostic(
      `beside ${loudnesses[index + 1]} times instead of ${loudnesses[0]}: p99 ${estimate} times, ${least} to ${most} (${said.verdict})`,
    );
  }
});
