/** A service that fails altogether: the breaker opens, keeps calls away from it, answers at once, and closes again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '@microshop/lab/statistics/spread';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { edgePolicy } from '@microshop/topology';
import { attemptsTo, type LogLine } from '../harness/envoy.ts';
import { clearFaults, command, wellShop, withFaults } from '../harness/faults.ts';
import { workersDo } from '../harness/load.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted, placeOrder, request } from '../harness/shop.ts';

const workers = 8;
const { breaker } = edgePolicy;

let user: { id: number };
let product: { id: number };
const place = async () => {
  const answer = await placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });
  // a steady load, not as much as goes: the same before the fault, in it, and with the breaker open
  await delay(50);
  return { status: answer.status, code: answer.body.code, at: performance.now() };
};

before(async () => {
  ({ user, product } = await wellShop(100_000));
});
after(clearFaults);

interface BreakerStatus {
  readonly callee: string;
  readonly state: string;
  readonly opens: number;
  readonly rejections: number;
}

/** What `./mesh status --json` shows; in containers the command asks the engine, so the control service is asked. */
async function shownBreakers(): Promise<{ breakers: BreakerStatus[] }> {
  if (mesh.mode === 'native') return JSON.parse((await mesh.cli(['status', '--json'])).stdout);
  const answer = await fetch(new URL('/api/breakers', mesh.control));
  return JSON.parse(await answer.text());
}

async function breakerOfProducts(): Promise<BreakerStatus | undefined> {
  const { breakers }: { breakers: BreakerStatus[] } = await shownBreakers();
  return breakers.find(({ callee }) => callee === 'products');
}

/** How long orders' app took to refuse calls, from its own log lines, milliseconds. */
async function rejectionsMs(): Promise<number[]> {
  const lines = (await mesh.logs('orders')).split('\n').filter((line) => line.includes('"breaker_open"'));
  return lines.flatMap((text) => {
    const line: LogLine = JSON.parse(text);
    return line['error_class'] === 'breaker_open' ? [Number(line['duration_ms'])] : [];
  });
}

test('products fails altogether under steady load', async (t) => {
  const loggedBefore = (await rejectionsMs()).length;
  const steadyMs = 2000;
  const began = performance.now();
  await workersDo(workers, place, () => performance.now() - began > steadyMs);

  await withFaults([{ service: 'products', from: 'orders', abort: 503 }], async () => {
    const set = performance.now();
    const start = await attemptsTo('products');
    const opening = await workersDo(workers, place, (soFar) =>
      soFar.some(({ answer }) => answer.code === 'breaker_open'),
    );
    const opened = opening.find(({ answer }) => answer.code === 'breaker_open');
    assert.ok(opened);
    const openAfterMs = opened.answer.at - set;
    const open = await attemptsTo('products');
    const calls = open.calls - start.calls;
    const perCall = (open.attempts - start.attempts) / calls;
    t.diagnostic(
      `opened ${openAfterMs.toFixed(0)} ms after the fault: ${calls} calls, ${perCall.toFixed(2)} attempts each`,
    );
    assert.ok(perCall <= edgePolicy.tries, `${perCall} attempts per call`);
    // successes from before the fault leave the window meanwhile; a call that is under way is judged at its end
    const bound = breaker.rollingCountTimeoutMs + edgePolicy.timeoutMs;
    assert.ok(openAfterMs <= bound, `open after ${openAfterMs} ms, at most ${bound}`);

    // open: rejected calls, each with a read next to it that makes no call, to measure how fast the machine is now
    const plain: number[] = [];
    const since = performance.now();
    const rejected = await workersDo(
      workers,
      async () => {
        const answer = await placeOrder({ user_id: user.id, product_id: product.id, quantity: 1 });
        const at = performance.now();
        await request('GET', '/api/orders/2000000000');
        plain.push(performance.now() - at);
        await delay(25);
        return { code: answer.body.code, tookMs: at };
      },
      () => performance.now() - since > 3000,
    );
    const after = await attemptsTo('products');
    const refused = rejected.filter(({ answer }) => answer.code === 'breaker_open').length;
    const attempts = after.attempts - open.attempts;
    t.diagnostic(
      `open for 3 s: ${refused} of ${rejected.length} orders rejected, ${attempts} attempts at products`,
    );
    // a probe of the half-open breaker may fall into this time, and is tried as often as any call
    assert.ok(attempts <= 2 * edgePolicy.tries, `${attempts} attempts`);
    assert.ok(attempts / rejected.length <= 0.2, `${attempts} attempts for ${rejected.length} orders`);

    const inApp = (await rejectionsMs()).slice(loggedBefore);
    t.diagnostic(
      `rejected calls in the app: p50 ${quantile(inApp, 0.5)} ms, p99 ${quantile(inApp, 0.99)} ms; ` +
        `the read next to them, at the client: p50 ${quantile(plain, 0.5).toFixed(1)} ms, p99 ${quantile(plain, 0.99).toFixed(1)} ms`,
    );
    assert.ok(inApp.length >= refused / 2, `${inApp.length} lines about rejected calls`);
    // on a busy machine, a small share of what a read that makes no call takes there
    const limit = Math.max(20, quantile(plain, 0.99) / 4);
    assert.ok(quantile(inApp, 0.99) <= limit, `p99 of rejected calls ${quantile(inApp, 0.99)} ms`);

    const status = await eventuallyDespiteErrors(
      './mesh status shows the open breaker',
      async () => {
        await place();
        const shown = await breakerOfProducts();
        return shown !== undefined && shown.state !== 'closed' && shown.rejections > 0 ? shown : undefined;
      },
      40_000,
    );
    assert.ok(status.opens >= 1);
  });

  const cleared = performance.now();
  await accepted(place, 20_000);
  const closedAfterMs = performance.now() - cleared;
  t.diagnostic(`an order is accepted ${closedAfterMs.toFixed(0)} ms after the fault was cleared`);
  assert.ok(closedAfterMs <= breaker.resetTimeoutMs + 2000, `closed after ${closedAfterMs} ms`);
  await command('fault', 'list');
});
