/**
 * What is live, as server-sent events: the mesh is read while a page listens, once for all of them, and not at all
 * otherwise.
 */

import type { ServerResponse } from 'node:http';
import { messageOf } from '@microshop/program-kit/errors';
import type { FastifyInstance } from 'fastify';
import type { Overview } from './schemas.ts';

/** Time between two readings, milliseconds: half of a scrape's interval. */
const everyMs = 2500;

/** Pages that listen at most. */
const mostListeners = 50;

/** Registers `GET /api/console/live`: an event `overview` for each reading. */
export function registerLive(fastify: FastifyInstance, read: () => Promise<Overview>): void {
  const listeners = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | undefined;
  let last = '';

  async function turn(): Promise<void> {
    try {
      last = `event: overview\ndata: ${JSON.stringify(await read())}\n\n`;
      for (const listener of listeners) {
        // a page that does not read on gets the next one; nothing piles up
        if (!listener.writableNeedDrain) listener.write(last);
      }
    } catch (error) {
      fastify.log.warn({ reason: messageOf(error) }, 'the map cannot be read');
    }
    timer = listeners.size === 0 ? undefined : setTimeout(() => void turn(), everyMs);
  }

  fastify.get('/api/console/live', { logLevel: 'warn' }, (request, reply) => {
    if (listeners.size >= mostListeners) return reply.code(503).send({ detail: 'too many pages listen' });
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    raw.write(`retry: ${everyMs}\n\n${last}`);
    listeners.add(raw);
    request.raw.once('close', () => listeners.delete(raw));
    if (timer === undefined) {
      timer = setTimeout(() => void turn(), 0);
    }
    return reply;
  });

  // a connection that stays open would hold up the end of the service
  fastify.addHook('preClose', async () => {
    clearTimeout(timer);
    for (const listener of listeners) listener.end();
    listeners.clear();
  });
}
