/** Mutants without a protection that several experiments need, or that is no policy: that is taken out of the code of a service. */
import { edgeBetween } from '@microshop/topology';
import type { Load, Mutant } from '../src/experiment/definition.ts';

/** Calls from orders to products without a breaker. */
export const withoutBreaker: Mutant = {
  without: 'the breaker: it needs a million calls in its window to open',
  policies: [{ edge: edgeBetween('orders', 'products'), change: { breaker_volume: 1_000_000 } }],
};

/** Buyers who give up at the first failure. */
export function withoutRepeats(load: Load): Mutant {
  return { without: 'repeats by the buyers', load: { ...load, repeats: 0 } };
}

/** Orders that takes every request, however long those before it wait for a connection to its database. */
export const withoutPoolLimit: Mutant = {
  without: 'the limit on waiting for the database: no request is refused for it',
  code: {
    service: 'orders',
    edits: [
      {
        file: 'services/orders/src/app.ts',
        from: 'pressure, { poolWaitMs: database.poolWaitMs }',
        to: 'pressure, { poolWaitMs: () => 0 }',
      },
    ],
  },
};

/** The cache without its limit of time: a read waits until Redis is there again. */
export const withoutCacheLimit: Mutant = {
  without: 'the limit of the cache: a read waits for Redis',
  code: {
    service: 'products',
    edits: [
      {
        file: 'services/products/src/store/entry-cache.ts',
        from: '    enableOfflineQueue: false,\n    maxRetriesPerRequest: 0,\n    commandTimeout: commandTimeoutMs,',
        to: '    enableOfflineQueue: true,\n    maxRetriesPerRequest: null,',
      },
    ],
  },
};

/** Orders without the outbox's freedom: each is answered only when its event has left. */
export const withoutOutboxFreedom: Mutant = {
  without: 'the freedom of the outbox: an order waits until its event has left',
  code: {
    service: 'orders',
    edits: [
      {
        file: 'services/orders/src/domain/place-order.ts',
        from: '        committed();',
        to: '        await committed();',
      },
      {
        file: 'services/orders/src/app.ts',
        from: '        relay.wake();\n',
        to: `        relay.wake();
        return (async () => {
          const waiting = 'select 1 from outbox where published_at is null limit 1';
          while ((await database.sql.query(waiting)).length > 0) await new Promise((done) => setTimeout(done, 20));
        })();
`,
      },
    ],
  },
};

/** A consumer without dead letters: what it can never handle it keeps, and goes on trying. */
export const withoutDeadLetters: Mutant = {
  without: 'dead letters: the consumer keeps what it can never handle',
  code: {
    service: 'products',
    edits: [
      {
        file: 'packages/events/src/consumer.ts',
        from: "if (typeof outcome === 'object') track(dying, putAside(delivery, outcome.reason));",
        to: "if (typeof outcome === 'object') lanes.postpone({ ...delivery, postponed: delivery.postponed + 1 }, 50);",
      },
    ],
  },
};

/** A consumer to which a duplicate is an error. */
export const withoutKnownDuplicates: Mutant = {
  without: 'the harmlessness of a duplicate: it counts as poison',
  code: {
    service: 'products',
    edits: [
      {
        file: 'packages/events/src/effects.ts',
        from: '      const recorded = await recordMessages(tx, events);\n',
        to: `      const recorded = await recordMessages(tx, events);
      if (recorded.length < events.length) throw new PermanentError('it is a duplicate');
`,
      },
    ],
  },
};
