/** One client far above its limit: it is refused, and the others notice nothing. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { clientRateLimits } from '@microshop/topology';
import { steadily } from '../harness/buying.ts';
import { type Answer, request } from '../harness/shop.ts';
import { type LoggedIn, newCustomer, showing } from '../harness/sign-in.ts';

/** How long the noisy client asks, milliseconds. */
const noiseMs = 4000;

/** Requests of the noisy client under way at a time. */
const atOnce = 20;

let noisy: LoggedIn;
let quiet: LoggedIn;

before(async () => {
  [noisy, quiet] = await Promise.all([newCustomer(), newCustomer()]);
});

const ordersOf = ({ token }: LoggedIn): Promise<Answer<{ code?: string }>> =>
  request('GET', '/api/orders?limit=1', undefined, showing(token));

test('a user who asks as fast as it can is answered 429, another one is answered every time', async (t) => {
  const end = performance.now() + noiseMs;
  const noise = Array.from({ length: atOnce }, async () => {
    const answers: Answer<{ code?: string }>[] = [];
    while (performance.now() < end) answers.push(await ordersOf(noisy));
    return answers;
  });
  const others = await steadily(10, noiseMs, () => ordersOf(quiet));
  const answers = (await Promise.all(noise)).flat();
  const refused = answers.filter(({ status }) => status === 429);
  t.diagnostic(`${answers.length} requests, ${refused.length} refused`);
  const { perSecond, burst } = clientRateLimits.user;
  const most = burst + (perSecond * (noiseMs + 1000)) / 1000;
  assert.ok(answers.length - refused.length <= most, `${answers.length - refused.length} were let in`);
  assert.ok(refused.length > 0);
  for (const { body, headers } of refused) {
    assert.equal(body.code, 'overloaded');
    assert.equal(headers.get('retry-after'), '1');
  }
  assert.deepEqual([...new Set(others.map(({ status }) => status))], [200]);
});
