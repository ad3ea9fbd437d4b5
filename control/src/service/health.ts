/**
 * Health of the control service: alive at once, ready when the demo data is there. Where a person has changed the mesh so
 * that the shop refuses it, the mesh comes up all the same, and says so.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import { demoPassword, demoProducts, demoUsers } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import type { ChangeBook } from '../changes/book.ts';
import { RefusedError, type Shop } from './shop.ts';

/** Pause before the first new try, milliseconds; doubled up to the last. */
const firstPauseMs = 100;
const lastPauseMs = 2000;

/**
 * Registers the checks and begins to seed. Seeding goes on until it is done or the service closes; `onReady` is called when it
 * is done, for then an order can be placed. A reason to wait is logged once, not each time.
 */
export function registerHealth(
  fastify: FastifyInstance,
  shop: Shop,
  changes: Pick<ChangeBook, 'read'>,
  onReady: () => void = () => undefined,
): void {
  const closing = new AbortController();
  let demoData: 'up' | 'degraded' | 'down' = 'down';

  async function seed(): Promise<void> {
    let loggedReason: string | undefined;
    for (let pauseMs = firstPauseMs; !closing.signal.aborted; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
      try {
        await seedDemoData(shop);
        demoData = 'up';
        fastify.log.info('demo data is in place');
        onReady();
        return;
      } catch (error) {
        const { faults, policyRecords } = await changes.read();
        const changed = faults.length + policyRecords.length > 0;
        // a shop that does not answer may still be starting; one that refuses does what it was told to do
        demoData = changed && error instanceof RefusedError ? 'degraded' : 'down';
        const counts = { faults: faults.length, changed_policies: policyRecords.length };
        const reason = messageOf(error);
        if (reason !== loggedReason)
          fastify.log.info({ reason, ...counts }, 'demo data cannot be created yet, retrying');
        loggedReason = reason;
      }
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  let seeding: Promise<void> | undefined;
  fastify.addHook('onListen', async () => {
    seeding = seed();
  });
  fastify.addHook('onClose', async () => {
    closing.abort();
    await seeding;
  });

  fastify.get('/health/live', { logLevel: 'warn' }, async () => ({ status: 'ok' }));
  fastify.get('/health/ready', { logLevel: 'warn' }, async (_request, reply) =>
    reply.code(demoData === 'down' ? 503 : 200).send({
      status: { up: 'ok', degraded: 'degraded', down: 'unavailable' }[demoData],
      checks: { demo_data: demoData === 'up' ? 'up' : 'down' },
    }),
  );
}

/** Makes what is missing. Throws what the shop throws; calling it again goes on where it ended. */
export async function seedDemoData(shop: Shop): Promise<void> {
  for (const user of demoUsers) {
    try {
      await shop.createUser({ ...user, password: demoPassword });
    } catch (error) {
      if (!(error instanceof RefusedError && error.refusal.code === 'conflict')) throw error;
    }
  }
  // demo products are the first ones made, so they stand on the first page
  const known: ReadonlySet<string> = new Set((await shop.products()).map((product) => product.name));
  for (const product of demoProducts) {
    if (!known.has(product.name)) await shop.createProduct(product);
  }
}
