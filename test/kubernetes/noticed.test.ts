import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clients, noticedBy, type Verdict } from './noticed.ts';
import type { Refusal } from './shop.ts';

const broken: Refusal = { text: '1.0 s: 503 orders cannot be reached after 0.0 s', late: false };
const late: Refusal = { text: '1.0 s: 504 no answer in time after 3.5 s', late: true };

/** What clients were refused at a rate: before, during and after the update. */
type Told = readonly [before: readonly Refusal[], during: readonly Refusal[], after: readonly Refusal[]];

const well: Told = [[], [], []];

/** Judges what clients were refused at 50, 15 and 5 orders per second; the rates at which the update was made. */
async function judged(...told: readonly Told[]): Promise<Verdict & { readonly made: readonly number[] }> {
  const rates = [50, 15, 5].slice(0, told.length);
  const made: number[] = [];
  const at = (rate: number) => told[rates.indexOf(rate)] ?? assert.fail();
  const clients: Clients = {
    unchanged: async (rate) => at(rate)[made.includes(rate) ? 2 : 0],
    during: async (rate) => {
      made.push(rate);
      return at(rate)[1];
    },
  };
  return { ...(await noticedBy(clients, rates, () => undefined)), made };
}

test('an update in which no request fails is unnoticed, at the highest rate that the machine bears', async () => {
  assert.deepEqual(await judged(well), { kind: 'unnoticed', rate: 50, refusals: [], made: [50] });
  const slower = await judged([[late], [], []], well);
  assert.deepEqual(slower, { kind: 'unnoticed', rate: 15, refusals: [], made: [15] });
});

test('one request that fails, of all clients and at whatever rate, is noticed', async () => {
  const once = await judged([[], [broken], []], well);
  assert.deepEqual(once, { kind: 'noticed', rate: 50, refusals: [broken], made: [50] });
  const among = await judged([[late], [], []], [[], [late, broken], []], well);
  assert.deepEqual([among.kind, among.rate], ['noticed', 15]);
});

test('what fails while nothing changes, too, is not of the update', async () => {
  const busy = await judged([[], [broken], [broken]], well);
  assert.deepEqual([busy.kind, busy.rate], ['unnoticed', 15]);
  const always = await judged([[late], [], []], [[broken], [], []], [[], [late], [late]]);
  assert.deepEqual([always.kind, always.made], ['too busy', [5]]);
});

test('late requests are of the machine, unless they are late at the lowest rate as well', async () => {
  const slower = await judged([[], [late], []], well);
  assert.deepEqual([slower.kind, slower.made], ['unnoticed', [50, 15]]);
  const lowest = await judged([[], [late], []], [[], [late], []]);
  assert.deepEqual([lowest.kind, lowest.rate, lowest.refusals], ['noticed', 15, [late]]);
});
