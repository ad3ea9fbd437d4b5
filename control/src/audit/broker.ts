/** What the broker holds of events on their way. */
import { setTimeout as delay } from 'node:timers/promises';
import { connected, depthOf, eventQueues } from '../dead-letters/queues.ts';
import { type Unread, unreadFor } from './found.ts';
import type { AuditSources } from './sources.ts';

/** Events that wait in a queue for a consumer. */
export interface QueueDepth {
  readonly queue: string;
  readonly ready: number;
}

/** Reads how many events wait in each queue; each can be unread by itself. */
export async function readDepths(sources: AuditSources): Promise<(QueueDepth | Unread)[]> {
  try {
    return await connected(sources, (connection) =>
      Promise.all(
        eventQueues.map(async (queue) => {
          try {
            return { queue, ready: await depthOf(connection, queue) };
          } catch (error) {
            return unreadFor(queue, error);
          }
        }),
      ),
    );
  } catch (error) {
    // one reason, however many queues it has
    return eventQueues.map(() => unreadFor('RabbitMQ', error));
  }
}

/** Time the management API may take, milliseconds. */
const managementTimeoutMs = 5000;

/**
 * Events that consumers hold, in a look now or, when there are none, in one as much later as statistics are late: what was
 * taken before the first look is seen by the second.
 */
export async function heldMessages(sources: AuditSources): Promise<number> {
  const now = await unackedMessages(sources);
  if (now > 0) return now;
  await delay(sources.statisticsLateMs);
  return await unackedMessages(sources);
}

/**
 * Events that a consumer holds and has not acked, as the statistics tell. AMQP does not tell; the management API does,
 * late, so this is asked only where it decides.
 */
export async function unackedMessages(sources: AuditSources): Promise<number> {
  const { username, password } = await sources.brokerCredentials();
  const counts = await Promise.all(
    eventQueues.map(async (queue) => {
      const response = await fetch(`${sources.managementUrl}/api/queues/%2F/${queue}`, {
        headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
        signal: AbortSignal.timeout(managementTimeoutMs),
      });
      if (!response.ok) throw new Error(`RabbitMQ's management API answered ${response.status} for ${queue}`);
      const body: unknown = await response.json();
      // absent until the first statistics of a new queue
      if (typeof body !== 'object' || body === null || !('messages_unacknowledged' in body)) return 0;
      return Number(body.messages_unacknowledged);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
