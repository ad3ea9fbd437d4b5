/** The page of metrics, and how it is held against a running mesh. */
export { differences, unbounded } from './compare.ts';
export { rowsOn } from './page.ts';
export { readFamilies } from './prometheus.ts';
