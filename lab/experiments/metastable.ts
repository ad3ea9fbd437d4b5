/** Twice as many buyers as can be served, for a while; then as few as before, which could all be served. */
import { edgeBetween } from '@microshop/topology';
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/** Every call of products takes so long, milliseconds, as if its work did. */
const workMs = 500;

/** Calls that are under way at products at once; 10 of half a second each are 20 per second, whatever the CPU could do. */
const places = 10;

/** Buyers per second: 0.8 of the capacity, and so many more in the surge that they are twice as many as it. */
const load = { rate: 16, repeats: 3 };
const further = { ...load, rate: 24 };

const toProducts = edgeBetween('orders', 'products');

/** So many are never there. */
const never = 1_000_000;

/**
 * A call waits in the sidecar of orders for one of the places, first come, first served, and an attempt may take 0.9 s with its
 * wait. So from 0.4 s of waiting on each attempt is given up half-way, and the place it had was wasted: places are taken all the
 * time, and nobody is served. What is not served is sent three times by the sidecar and four times by the buyer: 192
 * attempts per second of 16 buyers, where 20 attempts per second already wait for 0.4 s. So it feeds itself. A short queue (6
 * calls: 0.3 s) refuses what could not be served in time, the budget bounds the sidecar's attempts, and the breaker lets the
 * queue run empty.
 */
export const metastable: Experiment = {
  name: 'metastable',
  hypothesis:
    'When twice as many buyers come as can be served, and repeat, it ends by itself: 60 % of those who come afterwards get their order.',
  load,
  // a breaker may be open for 5 s after it, and a second time
  seconds: { ...shortPhases, heal: 25 },
  throughout: { kind: 'calls', service: 'products', delay_ms: workMs, from: 'orders' },
  fault: { kind: 'surge', load: further },
  policies: [
    { edge: toProducts, change: { max_connections: 1, max_streams: places, max_pending_requests: 6 } },
  ],
  // no limit on the last failure: the one connection is replaced each minute, and a few calls are rejected then
  limits: [{ figure: 'heal.success', least: 0.6 }],
  codes: ['dependency_timeout', 'dependency_unavailable', 'breaker_open', 'overloaded', 'deadline_exceeded'],
  traces: 'whole',
  mutant: {
    without: 'budget, breaker and shedding: every call may be retried, and waits as long as it likes',
    policies: [
      {
        edge: toProducts,
        change: {
          retry_budget_percent: 100,
          min_retry_concurrency: never,
          breaker_volume: never,
          breaker_capacity: never,
          max_pending_requests: 1024,
        },
      },
    ],
  },
};
