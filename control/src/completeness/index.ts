/** Judges the traces of orders: those of the last minutes all the time, or given ones. */
export { jaegerClient } from '../trace/jaeger.ts';
export { startChecker } from './checker.ts';
export type { Figure } from './figure.ts';
export { readGaps } from './gaps.ts';
export { orderSource } from './orders.ts';
export { type Judgement, judge } from './outcome.ts';
