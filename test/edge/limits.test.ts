/** One client far above its limit: it is refused, and the others notice nothing. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { askAtOnce } from '@microshop/envoy/testing/http2.ts';
import { clientRateLimits } from '@microshop/topology';
import { steadily } from '../harness/buying.ts';
import { mesh } from '../harness/mesh.ts';
import { request } from '../harness/shop.ts';
import { type LoggedIn, newCustomer, showing } from '../harness/sign-in.ts';

const { perSecond, burst } = clientRateLimits.user;

/** Requests of the noisy client at once. */
const atOnce = 10 * burst;

/** How long another client asks meanwhile, milliseconds. */
const quietMs = 4000;

const path = '/api/orders?limit=1';

let noisy: LoggedIn;
let quiet: LoggedIn;

before(async () => {
  [noisy, quiet] = await Promise.all([newCustomer(), newCustomer()]);
});

test('a user who asks for much at once is answered 429, another one is answered every time', async (t) => {
  const began = performance.now();
  const noise = askAtOnce(mesh.gateway, {}, atOnce, path, showing(noisy.token)).then((answers) => ({
    answers,
    seconds: (performance.now() - began) / 1000,
  }));
  const others = await steadily(10, quietMs, () => request('GET', path, undefined, showing(quiet.token)));
  const { answers, seconds } = await noise;
  const refused = answers.filter(({ status }) => status === 429);
  t.diagnostic(`${answers.length} requests in ${seconds.toFixed(1)} s, ${refused.length} refused`);
  const letIn = answers.length - refused.length;
  assert.ok(letIn <= burst + perSecond * (seconds + 1), `${letIn} were let in`);
  assert.ok(refused.length > 0);
  for (const { headers, json } of refused) {
    assert.equal(json()['code'], 'overloaded');
    assert.equal(headers['retry-after'], '1');
  }
  assert.deepEqual([...new Set(others.map(({ status }) => status))], [200]);
});
