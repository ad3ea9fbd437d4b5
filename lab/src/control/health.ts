/** Health of the control service: alive at once, ready when the demo data is there. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { messageOf } from '../cli/errors.ts';
import type { Shop } from '../shop/client.ts';
import { seedDemoData } from './demo-data.ts';

/** Pause before the first new try, milliseconds; doubled up to the last. */
const firstPauseMs = 100;
const lastPauseMs = 2000;

/** Registers the checks and begins to seed. Seeding goes on until it is done or the service closes. */
export function registerHealth(fastify: FastifyInstance, shop: Shop): void {
  const closing = new AbortController();
  let seeded = false;

  async function seed(): Promise<void> {
    for (let pauseMs = firstPauseMs; !closing.signal.aborted; pauseMs = Math.min(2 * pauseMs, lastPauseMs)) {
      try {
        await seedDemoData(shop);
        seeded = true;
        fastify.log.info('demo data is there');
        return;
      } catch (error) {
        fastify.log.info({ reason: messageOf(error) }, 'demo data waits for the shop');
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
    reply.code(seeded ? 200 : 503).send({
      status: seeded ? 'ok' : 'unavailable',
      checks: { demo_data: seeded ? 'up' : 'down' },
    }),
  );
}
