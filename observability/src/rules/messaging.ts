/** Alerts on events: outbox, queues, dead letters. */
import type { RuleGroup } from './rule.ts';

/** Age of the oldest waiting event above which the outbox is stuck, seconds; the relay looks five times a second. */
const outboxSeconds = 15;

/** Ready messages above which consumers are behind: some seconds of work for one instance. */
const lagMessages = 500;

const deadLetters = 'queue=~".+[.]dlq"';
const live = 'queue!~".+[.]dlq"';

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
        summary: '{{ $value }} messages lie in {{ $labels.queue }}',
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
        summary: 'Nobody consumes {{ $labels.queue }}',
        next: './mesh status, then ./mesh logs of the service that should',
      },
    },
  ],
};
