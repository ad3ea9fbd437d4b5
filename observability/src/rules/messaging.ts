/** Alerts on events: outbox, queues, dead letters. */
import type { RuleGroup } from './rule.ts';

/** Age of the oldest waiting event above which the outbox is stuck, seconds; the relay looks five times a second. */
const outboxSeconds = 15;

/** Ready messages above which consumers are behind: some seconds of work for one instance. */
const lagMessages = 500;

/** Time a consumer may hold messages and settle none, seconds: a statement has 3 s, an attempt to publish 5 s. */
const stalledSeconds = 30;

const deadLetters = 'queue=~".+[.]dlq"';
const live = 'queue!~".+[.]dlq"';

/** Label of a queue on the metrics of its consumers. */
const queueLabel = 'messaging_destination_subscription_name';

/** Rules about events. */
export const messagingRules: RuleGroup = {
  name: 'messaging',
  rules: [
    {
      alert: 'OutboxStuck',
      expr: `max by (service_name) (shop_outbox_oldest_age_seconds) > ${outboxSeconds}`,
      for: '5s',
      labels: { severity: 'page' },
      annotations: {
        summary:
          'The oldest event in the outbox of {{ $labels.service_name }} has waited for {{ $value | humanizeDuration }}',
        next: './mesh status: is rabbitmq there? ./mesh logs of the service tells why events wait',
      },
    },
    {
      alert: 'DeadLetters',
      expr: `max by (queue) (rabbitmq_detailed_queue_messages{${deadLetters}}) > 0`,
      for: '0s',
      labels: { severity: 'ticket' },
      annotations: {
        summary: '{{ $value }} messages are in {{ $labels.queue }}',
        next: './mesh dlq list shows each with its reason',
      },
    },
    {
      alert: 'ConsumerLag',
      expr: `max by (queue) (rabbitmq_detailed_queue_messages_ready{${live}}) > ${lagMessages}`,
      for: '30s',
      labels: { severity: 'page' },
      annotations: {
        summary: '{{ $value }} messages wait in {{ $labels.queue }}',
        next: './mesh status: do its consumers run? Is their database slow?',
      },
    },
    {
      alert: 'QueueWithoutConsumer',
      expr: `max by (queue) (rabbitmq_detailed_queue_consumers{${live}}) == 0`,
      for: '30s',
      labels: { severity: 'page' },
      annotations: {
        summary: '{{ $labels.queue }} has no consumer',
        next: './mesh status, then ./mesh logs of the service that should',
      },
    },
    {
      alert: 'ConsumerMissing',
      expr: `max by (instance, ${queueLabel}) (shop_consumer_active) == 0`,
      for: '30s',
      labels: { severity: 'page' },
      annotations: {
        summary: `{{ $labels.instance }} does not consume {{ $labels.${queueLabel} }}`,
        next: './mesh status: is rabbitmq there? ./mesh logs of that part tells why its channel is lost',
      },
    },
    {
      alert: 'ConsumerStalled',
      expr: `max by (instance, ${queueLabel}) (shop_consumer_stalled_time_seconds) > ${stalledSeconds}`,
      for: '5s',
      labels: { severity: 'page' },
      annotations: {
        summary: `{{ $labels.instance }} holds messages of {{ $labels.${queueLabel} }} and has settled none for {{ $value | humanizeDuration }}`,
        next: './mesh logs of that part: its database, a lock in it, or the dead-letter queue keeps it waiting',
      },
    },
  ],
};
