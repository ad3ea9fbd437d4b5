import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectors } from './metrics.ts';
import { type Plan, rampSteps } from './plan.ts';
import { renderSummary } from './render.ts';
import { type K6Summary, summarise } from './summary.ts';

const settings: Plan['settings'] = {
  gateway: 'http://127.0.0.1:8080',
  rate: 40,
  seconds: 40,
  products: 1,
  stock: 200,
  follow: 0,
  p95Ms: 900,
  p99Ms: 3850,
  virtualUsers: undefined,
  repeats: 0,
  repeatAfterMs: 200,
  twice: 0,
  descriptionBytes: 0,
  summaryDirectory: undefined,
  ledger: false,
};
const phases = rampSteps(40, 40, 4);
const ramp: Plan = {
  scenario: 'ramp',
  settings,
  phases,
  judged: phases.slice(0, 1).map(({ name }) => name),
  limits: { p95Ms: 900, p99Ms: 3850, failureShare: 0.01 },
  ramp: true,
  sellsOut: false,
};

/** What k6 measured: the p95 of each step of the ramp, milliseconds. */
function steps(p95s: readonly number[]): K6Summary {
  const metrics = phases.map(({ name, rate, seconds }, index) => [
    selectors.latency(name),
    { values: { count: rate * seconds, med: 10, 'p(95)': p95s[index] ?? 0, 'p(99)': 1000, max: 1000 } },
  ]);
  return { metrics: Object.fromEntries(metrics), state: { testRunDurationMs: 40_000 } };
}

/** The lines about the knee. */
function kneeText(p95s: readonly number[]): string {
  const text = renderSummary(summarise(ramp, steps(p95s)));
  return /^knee +(.*(?:\n {12}.*noise)?)$/m.exec(text)?.[1] ?? text;
}

test('the knee is the last rate that holds', () => {
  assert.equal(kneeText([100, 200, 2000, 3000]), '20/s holds; 30/s does not hold');
  assert.equal(kneeText([100, 200, 300, 400]), '40/s holds; the last step; try a higher RATE');
  assert.equal(kneeText([2000, 2000, 2000, 2000]), 'below 10/s, the first step');
});

test('a step that broke the limits while higher rates kept them is noise, and is reported', () => {
  const noise = '            10/s, 20/s broke the limits, and higher rates kept them: noise';
  assert.equal(kneeText([2000, 2000, 300, 3000]), `30/s holds; 40/s does not hold\n${noise}`);
});

test('a sale ends with its headline', () => {
  const sale: Plan = { ...ramp, scenario: 'flash-sale', ramp: false, sellsOut: true };
  const gauge = (value: number) => ({ values: { value } });
  const told = (sold: number, rejected: number) => {
    const { metrics, state } = steps([10, 10, 10, 10]);
    const ended = { sale_sold: gauge(sold), sale_rejected: gauge(rejected) };
    const refused = { [selectors.outcome('refused')]: { values: { count: 590 } } };
    const text = renderSummary(summarise(sale, { metrics: { ...metrics, ...ended, ...refused }, state }));
    return /^sale +(.*)$/m.exec(text)?.[1];
  };
  assert.equal(told(200, 10), '200 of 200 sold, 600 refused, 0 oversold');
  assert.equal(told(203, 0), '200 of 200 sold, 590 refused, 3 oversold');
  assert.doesNotMatch(
    renderSummary(summarise(sale, steps([10, 10, 10, 10]))),
    /^sale/m,
    'cannot be judged yet',
  );
});
