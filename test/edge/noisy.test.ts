/**
 * One client at ten times its limit, in turns with nobody beside the other: that one is answered every time. How long that took is
 * compared within pairs of blocks, and said; it fails nothing, since the noise costs the machine that both are on, too.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { compareArms, leastBlocks } from '@microshop/lab/statistics/compare';
import { quantile, spread } from '@microshop/lab/statistics/spread';
import { clientRateLimits } from '@microshop/topology';
import { steadily } from '../harness/buying.ts';
import { type NoiseResult, startNoise } from '../harness/noise.ts';
import { request } from '../harness/shop.ts';
import { type LoggedIn, newCustomer, showing } from '../harness/sign-in.ts';

/** Pairs of blocks, and the length of one, seconds: `MESH_TEST_NOISE_PAIRS=12 MESH_TEST_NOISE_BLOCK_S=5` for more of them. */
const pairs = Number(process.env['MESH_TEST_NOISE_PAIRS'] ?? leastBlocks(1));
const blockSeconds = Number(process.env['MESH_TEST_NOISE_BLOCK_S'] ?? 2);

const { user: limit } = clientRateLimits;

/** Requests of the noisy client per second. */
const noisePerSecond = 10 * limit.perSecond;

/** Requests of the quiet client per second: most of what it may. */
const perSecond = 0.8 * limit.perSecond;

/** A change of p99 that matters to nobody, as a share. */
const margin = 0.25;

/** How long the noise lasts before it counts, milliseconds: a client that was quiet has its burst first, which is let in. */
const burstMs = 1500;

const path = '/api/orders?limit=1';

let noisy: LoggedIn;
let quiet: LoggedIn;

before(async () => {
  [noisy, quiet] = await Promise.all([newCustomer(), newCustomer()]);
});

interface Timed {
  readonly status: number;
  readonly tookMs: number;
}

/** The quiet client for the length of a block. */
function block(): Promise<Timed[]> {
  return steadily(perSecond, blockSeconds * 1000, async () => {
    const began = performance.now();
    const { status } = await request('GET', path, undefined, showing(quiet.token));
    return { status, tookMs: performance.now() - began };
  });
}

/** The same with the noisy client beside it. */
async function noisyBlock(): Promise<{ readonly answers: Timed[]; readonly noise: NoiseResult }> {
  const noise = await startNoise({ path, headers: showing(noisy.token), perSecond: noisePerSecond });
  try {
    await delay(burstMs);
    return { answers: await block(), noise: await noise.stop() };
  } finally {
    // a thread that goes on would keep a failed test from its end
    await noise.end();
  }
}

const p99 = (answers: readonly Timed[]): number =>
  quantile(
    answers.map(({ tookMs }) => tookMs),
    0.99,
  );

test('a client at ten times its limit is refused, and another one is answered as before', async (t) => {
  const alone: Timed[][] = [];
  const beside: Timed[][] = [];
  const noises: NoiseResult[] = [];
  // what is done for the first time is slow
  await block();
  for (let pair = 0; pair < pairs; pair += 1) {
    const withNoise = async () => {
      const { answers, noise } = await noisyBlock();
      beside.push(answers);
      noises.push(noise);
    };
    const without = async () => alone.push(await block());
    for (const one of pair % 2 === 0 ? [without, withNoise] : [withNoise, without]) await one();
  }

  const count = (status: number) => noises.reduce((sum, { answers }) => sum + (answers[status] ?? 0), 0);
  const seconds = noises.reduce((sum, noise) => sum + noise.seconds, 0);
  const all = noises.reduce((sum, { answers }) => sum + Object.values(answers).reduce((a, b) => a + b, 0), 0);
  t.diagnostic(
    `the noisy client: ${Math.round(all / seconds)} requests/s of ${noisePerSecond}, ${count(200)} of ${all} let in`,
  );
  assert.equal(count(200) + count(429), all, JSON.stringify(noises));
  assert.ok(count(200) <= noises.length * (limit.burst + limit.perSecond) + limit.perSecond * seconds);
  assert.ok(count(429) > 0);

  const quietly = (side: readonly Timed[][]) => [...new Set(side.flat().map(({ status }) => status))];
  assert.deepEqual([quietly(alone), quietly(beside)], [[200], [200]]);

  const [first, second] = [alone.map(p99), beside.map(p99)];
  const ms = (values: readonly number[]) => {
    const { median, least, most } = spread(values);
    return `${median.toFixed(1)} ms (${least.toFixed(1)} to ${most.toFixed(1)})`;
  };
  const logs = (values: readonly number[]) => values.map((value) => Math.log(value));
  const [compared] = compareArms(logs(first), [logs(second)], {
    better: 'lower',
    margin: Math.log(1 + margin),
  });
  assert.ok(compared);
  const times = (log: number) => Math.exp(log).toFixed(2);
  const { estimate, least, most } = compared.shift;
  t.diagnostic(
    `p99 of the quiet one alone ${ms(first)}, beside it ${ms(second)}: ${times(estimate)} times, ` +
      `${times(least)} to ${times(most)} (${compared.said.verdict})`,
  );
});
