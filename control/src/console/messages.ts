/** Events on their way, for the view of messages: what waits in the outboxes, and what the queues hold. */
import { messageOf } from '@microshop/program-kit/errors';
import { deadLetterQueue, eventRoutes, outboxServices } from '@microshop/topology';
import { unackedByQueue } from '../audit/events.ts';
import { type AuditSources, inKeptSnapshot } from '../audit/sources.ts';
import { connected, eventQueues, stateOf } from '../dead-letters/queues.ts';
import { countOutbox } from '../outbox/list.ts';
import type { Messages } from './message-schemas.ts';

type Queue = Messages['queues'][number];

/** Reads them; nothing is taken. What does not answer is named among `lacks`, the rest is there. */
export async function readMessages(sources: AuditSources): Promise<Messages> {
  const lacks: string[] = [];
  const lack =
    <T>(what: string, otherwise: T) =>
    (error: unknown): T => {
      lacks.push(`${what} cannot be read: ${messageOf(error)}`);
      return otherwise;
    };
  const [outboxes, queues] = await Promise.all([
    Promise.all(
      outboxServices.map(async (service) => {
        const counted = await inKeptSnapshot(sources, service, countOutbox).catch(
          lack(`The outbox of ${service}`, undefined),
        );
        return counted === undefined ? [] : [{ service, ...counted }];
      }),
    ),
    readQueues(sources, lack('What consumers hold', undefined)).catch(lack('The queues', [])),
  ]);
  return { outboxes: outboxes.flat(), queues, lacks };
}

/**
 * `onLate` hears why the statistics cannot be read, where the broker can: what waits is asked of the broker itself, which knows
 * it now.
 */
async function readQueues(sources: AuditSources, onLate: (error: unknown) => void): Promise<Queue[]> {
  const [states, statistics] = await Promise.all([
    connected(sources, (connection) =>
      Promise.all(
        eventQueues.map(async (queue) => {
          const [alive, dead] = await Promise.all([
            stateOf(connection, queue),
            stateOf(connection, deadLetterQueue(queue)),
          ]);
          return { queue, ...alive, dead: dead.ready };
        }),
      ),
    ),
    unackedByQueue(sources).then(
      (unacked) => ({ unacked }),
      (error: unknown) => ({ error }),
    ),
  ]);
  if ('error' in statistics) onLate(statistics.error);
  const unacked = 'error' in statistics ? undefined : statistics.unacked;
  return states.map((state) => ({
    ...state,
    consumer: eventRoutes.find(({ queue }) => queue === state.queue)?.to ?? '',
    unacked: unacked?.get(state.queue) ?? null,
  }));
}
