/** PromQL about the objective of placing an order, from the recorded ratios (`observability/src/rules/objective.ts`). */
import { burnFactors, recordedRatios } from '@microshop/observability';
import { placeOrderObjective } from '@microshop/topology';

const { availability, latency } = placeOrderObjective;

/** What may go wrong, 0 to 1; what is written is what is divided by: no 0.010000000000000009 in a query. */
const budget = (kept: number): number => Number((1 - kept).toFixed(6));
const errorBudget = budget(availability);
const latencyBudget = budget(latency.share);

const { period, windows } = recordedRatios;

/** Share of orders that did not fail, over the time of the budget, 0 to 1. */
export const available = `1 - ${period.errors}`;

/** Share of orders that were answered in time, over the same time, 0 to 1. */
export const inTime = `1 - ${period.slow}`;

/** Share of the budget that is left, 1 to 0; below 0 when the objective is broken. */
export const errorBudgetLeft = `1 - ${period.errors} / ${errorBudget}`;
export const latencyBudgetLeft = `1 - ${period.slow} / ${latencyBudget}`;

/** How many times faster than it lasts the error budget burns, over each window of the alerts. */
export const burnRates = windows.map(({ window, errors }) => ({
  window,
  expr: `${errors} / ${errorBudget}`,
}));

/** Where the slow and the fast alert fire. */
export const burnLimits = { warn: burnFactors.slow, bad: burnFactors.fast };
