/**
 * One product with a stock of 200, and 40 orders per second for 20 s: four times what there is. An order is accepted or
 * refused with `not_enough_stock`; in the end exactly the stock is sold.
 *
 *     k6 run -e STOCK=50 load-tests/flash-sale.ts
 */
import { defaultLatencyLimits } from './src/limits.ts';
import { checkSale } from './src/sale.ts';
import { createScript, type Made } from './src/scenario.ts';
import { readSettings } from './src/settings.ts';

const settings = {
  ...readSettings(__ENV, {
    rate: 40,
    seconds: 20,
    products: 1,
    stock: 200,
    follow: 0.1,
    ...defaultLatencyLimits,
  }),
  products: 1,
};

const script = createScript({
  scenario: 'flash-sale',
  settings,
  phases: [{ name: 'sale', rate: settings.rate, seconds: settings.seconds }],
  judged: ['sale'],
  limits: { p95Ms: settings.p95Ms, p99Ms: settings.p99Ms, failureShare: 0.01 },
  ramp: false,
  sellsOut: true,
});

export const { options, setup, handleSummary } = script;
export default script.iteration;

/** When every order has ended, holds what was sold against the stock. */
export function teardown(made: Made): void {
  checkSale(script.shop, made);
}
