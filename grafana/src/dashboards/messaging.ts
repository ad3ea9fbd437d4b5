/** *Messaging*: an event on its way, left to right: outbox, relay, RabbitMQ, consumer, dead letters. */
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from '../panels/board.ts';
import { labelOfLine, tracesLink } from '../panels/links.ts';
import { stat } from '../panels/stat.ts';
import { timeSeries } from '../panels/time-series.ts';
import { units } from '../panels/units.ts';
import * as messaging from '../queries/messaging.ts';

/** Seconds. The relay looks five times a second; after 15 s the alert OutboxStuck fires. */
const ageLimits = { warn: 2, bad: 15 };

/** Messages. Some seconds of work for one consumer; over 500 the alert ConsumerLag fires. */
const lagLimits = { warn: 100, bad: 500 };

/** One is one too many. */
const anyLimits = { bad: 1 };

/** Seconds from an event to its effect: a second is slow, ten seconds an order that somebody waits for. */
const effectLimits = { warn: 1, bad: 10 };

/** Traces through the service of the line. */
const ofService = tracesLink({ title: 'Traces of this service', service: labelOfLine('service_name') });

/** The dashboard. */
export function messagingFlow(): Dashboard {
  return board({
    uid: 'messaging',
    title: 'Messaging',
    description: 'Events from outbox to effect: where do they wait, and what happens to them?',
    variables: [],
  })
    .withRow(new RowBuilder('Now'))
    .withPanel(
      stat({
        title: 'Oldest event in an outbox',
        description: 'Age of the oldest event that waits to be published; 0 when none does.',
        unit: units.seconds,
        query: { expr: `max(${messaging.outboxAge})`, legend: 'age' },
        limits: ageLimits,
        whenEmpty: 'none waits',
      }),
    )
    .withPanel(
      stat({
        title: 'Messages ready',
        description: 'Messages in the queues that no consumer has taken yet.',
        unit: units.count,
        query: { expr: `sum(${messaging.ready})`, legend: 'ready' },
        limits: lagLimits,
        whenEmpty: 'no queue yet',
      }),
    )
    .withPanel(
      stat({
        title: 'Event to effect, p95',
        description: '95 of 100 events take effect within this time after they were written.',
        unit: units.seconds,
        query: { expr: `max(${messaging.lag(0.95)})`, legend: 'p95' },
        limits: effectLimits,
        whenEmpty: 'no events',
      }),
    )
    .withPanel(
      stat({
        title: 'Dead letters',
        description: 'Messages that could not be handled and wait for a person: ./mesh dlq list says why.',
        unit: units.count,
        query: { expr: `sum(${messaging.deadLetters})`, legend: 'dead letters' },
        limits: anyLimits,
        whenEmpty: 'no queue yet',
      }),
    )
    .withRow(new RowBuilder('Outbox and relay'))
    .withPanel(
      timeSeries({
        title: 'Outbox: events waiting',
        description:
          'Rows that are not published yet. They wait while RabbitMQ is unavailable, and none is lost.',
        unit: units.count,
        queries: [{ expr: messaging.outboxDepth, legend: '{{service_name}}' }],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Outbox: age of the oldest',
        description:
          'How long the oldest waiting event has waited. A steady climb means that nothing leaves.',
        unit: units.seconds,
        queries: [{ expr: messaging.outboxAge, legend: '{{service_name}}' }],
        limits: ageLimits,
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Outbox: set aside',
        description: 'Events that can never be published and are kept for a person; 0 is normal.',
        unit: units.count,
        queries: [{ expr: messaging.setAside, legend: '{{service_name}}' }],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Relay: attempts to publish',
        description:
          'By outcome: published with RabbitMQ’s confirm; waiting: RabbitMQ could not take it, retried.',
        unit: units.eventsPerSecond,
        queries: [{ expr: messaging.relayed, legend: '{{service_name}} {{shop_outcome}}' }],
        links: [ofService],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'RabbitMQ: taken and confirmed',
        description:
          'What RabbitMQ received, confirmed, and returned because no queue takes it. Confirmed below received: its disk is slow.',
        unit: units.messagesPerSecond,
        queries: [
          { expr: messaging.received, legend: 'received' },
          { expr: messaging.confirmed, legend: 'confirmed' },
          { expr: messaging.returned, legend: 'returned' },
        ],
      }),
    )
    .withRow(new RowBuilder('Queues'))
    .withPanel(
      timeSeries({
        title: 'Ready',
        description: 'Messages that wait for a consumer. It grows when consumers are down or too slow.',
        unit: units.count,
        queries: [{ expr: messaging.ready, legend: '{{queue}}' }],
        limits: lagLimits,
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Unacked',
        description:
          'Messages that a consumer has and has not acked. While a database is unavailable they stay here: nothing is dead-lettered.',
        unit: units.count,
        queries: [{ expr: messaging.unacked, legend: '{{queue}}' }],
        width: 8,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Consumers',
        description:
          'Consumers of each queue: one per replica of the service. With none, messages only wait.',
        unit: units.count,
        queries: [{ expr: messaging.consumers, legend: '{{queue}}' }],
        width: 8,
      }),
    )
    .withRow(new RowBuilder('Consumers and dead letters'))
    .withPanel(
      timeSeries({
        title: 'Messages by outcome',
        description:
          'done: took effect; duplicate: had taken effect before; dead_lettered: given up; put_back: at the end of the queue, for its lock is held; abandoned: left for another delivery.',
        unit: units.messagesPerSecond,
        queries: [{ expr: messaging.consumed, legend: `${messaging.consumerLegend} {{shop_outcome}}` }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Event to effect',
        description:
          'From the event’s row in the outbox to its effect: outbox, relay, RabbitMQ and consumer.',
        unit: units.seconds,
        queries: [
          { expr: messaging.lag(0.5), legend: `${messaging.consumerLegend} p50` },
          { expr: messaging.lag(0.95), legend: `${messaging.consumerLegend} p95` },
        ],
        limits: effectLimits,
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Batch',
        description:
          'Messages that take effect in one transaction, on average: 1 when they are handled one by one, more when they wait for each other.',
        unit: units.count,
        queries: [{ expr: messaging.batchSize, legend: messaging.consumerLegend }],
      }),
    )
    .withPanel(
      timeSeries({
        title: 'Dead letters by queue',
        description: 'Messages in each dead-letter queue. ./mesh dlq replay sends them again.',
        unit: units.count,
        queries: [{ expr: messaging.deadLetters, legend: '{{queue}}' }],
      }),
    )
    .build();
}
