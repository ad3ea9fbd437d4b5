/**
 * What is live, as server-sent events: the mesh is read while a page listens, once for all of them, and not at all
 * otherwise.
 */

import type { ServerResponse } from 'node:http';
import { messageOf } from '@microshop/program-kit/errors';
import type { FastifyInstance } from 'fastify';
import type { OverviewReader } from './reading.ts';
import type { Overview } from './schemas.ts';

/** Time between two readings, milliseconds: half of a scrape's interval. */
const everyMs = 2500;

/** Pages that listen at most. */
const mostListeners = 50;

/** Age up to which a page is given the last reading when it begins to listen, milliseconds. */
const freshMs = 2 * everyMs;

const eventOf = (overview: Overview) => `event: overview\ndata: ${JSON.stringify(overview)}\n\n`;

/**
 * Registers `GET /api/console/live`: an event `overview` for each reading, and one at once: the last reading, or what is known
 * before there is one.
 */
export function registerLive(fastify: FastifyInstance, { early, whole }: OverviewReader): void {
  const listeners = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | undefined;
  let last: Overview | undefined;

  async function turn(): Promise<void> {
    try {
      last = await whole();
      const event = eventOf(last);
      for (const listener of listeners) {
        // a page that reads slowly skips to the newest reading; nothing piles up
        if (!listener.writableNeedDrain) listener.write(event);
      }
    } catch (error) {
      fastify.log.warn({ reason: messageOf(error) }, 'the map cannot be read');
    }
    timer = listeners.size === 0 ? undefined : setTimeout(() => void turn(), everyMs);
  }

  // no HEAD: it would be a stream without events that nobody closes
  fastify.get('/api/console/live', { logLevel: 'warn', exposeHeadRoute: false }, async (_request, reply) => {
    if (listeners.size >= mostListeners) return reply.code(503).send({ detail: 'too many pages listen' });
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    raw.write(`retry: ${everyMs}\n\n`);
    listeners.add(raw);
    raw.once('close', () => listeners.delete(raw));
    const known = last;
    if (timer === undefined) timer = setTimeout(() => void turn(), 0);
    const isFresh = known !== undefined && Date.now() - known.at < freshMs;
    const first = isFresh ? known : await early().catch(() => undefined);
    // a newer reading arrived meanwhile
    if (first !== undefined && last === known && listeners.has(raw)) raw.write(eventOf(first));
    return reply;
  });

  // an open connection would delay the shutdown of the service
  fastify.addHook('preClose', async () => {
    clearTimeout(timer);
    for (const listener of listeners) listener.end();
    listeners.clear();
  });
}
