/** The broker is short of memory: it takes nothing from those who publish, and goes on delivering. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutOutboxFreedom } from './without.ts';

/** The relay stops as soon as the broker says so; the events wait in the outbox. */
export const brokerAlarm: Experiment = {
  name: 'broker-alarm',
  hypothesis:
    'When RabbitMQ is short of memory, orders are accepted as before, and every one of them ends when it takes messages again.',
  load: { rate: 10 },
  seconds: { ...shortPhases, fault: 15 },
  fault: { kind: 'memory-alarm', part: 'rabbitmq' },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'dead_letters', most: 0 },
  ],
  codes: [],
  traces: 'whole',
  mutant: withoutOutboxFreedom,
};
