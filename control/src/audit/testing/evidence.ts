/** What an audit reads, made up for tests. */
import { type Found, finder } from '../found.ts';
import type { Evidence } from '../read.ts';

/** Findings of those names. */
export function found(...names: readonly string[]): Found {
  const finding = finder();
  finding.addMany(names.length, names);
  return finding.found();
}

/** An outbox with nothing in it. */
export const empty = { waiting: 0, setAside: found(), setAsideOrders: [] };
/** A dead-letter queue with nothing in it. */
export const noLetters = { queue: 'products.orders', count: 0, letters: [] };

/** Nothing is wrong; what a case changes is put over it. */
export function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    orders: { total: 2, pending: 0, confirmed: 1, rejected: 1 },
    lost: found(),
    keysTwice: found(),
    refused: found(),
    ofNobody: found(),
    notWhole: found(),
    twice: found(),
    unlike: found(),
    wrongStock: found(),
    oversold: found(),
    outboxes: [empty, empty],
    pending: { count: 0, young: 0, unexcused: found() },
    depths: [{ queue: 'products.orders', ready: 0 }],
    deadLetters: [noLetters],
    unacked: 0,
    ...changes,
  };
}
