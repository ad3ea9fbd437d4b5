/** What the broker holds: events on their way, and dead letters. */
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import { eventQueues, onBroker, readyMessages, withDeadLetters } from '../dead-letters/queues.ts';
import type { AuditSources } from './sources.ts';

/** What is at the broker. */
export interface BrokerSnapshot {
  /** Events that wait in the queues for a consumer. */
  readonly ready: number;
  readonly deadLetters: readonly DeadLetter[];
}

/** Reads queue depths and dead letters; what is dead stays where it is. */
export function readBroker(sources: AuditSources): Promise<BrokerSnapshot> {
  return onBroker(sources, async (channel) => ({
    ready: await readyMessages(channel),
    deadLetters: await withDeadLetters(channel, async (held) => held.map(({ letter }) => letter)),
  }));
}

/** Time the management API may take, milliseconds. */
const managementTimeoutMs = 5000;

/**
 * Events that a consumer holds and has not acked. AMQP does not tell; the management API does, up to 5 s late (its
 * `collect_statistics_interval`), so this is asked only where it decides.
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
