/** The broker is gone: nothing accepts connections at its port. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutOutboxFreedom } from './without.ts';

/** The event of an order waits in the outbox; the audit shows that every order ends once the broker is back. */
export const brokerDown: Experiment = {
  name: 'broker-down',
  hypothesis:
    'When RabbitMQ is down, orders are accepted as before, and every one of them ends after its return.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'down', part: 'rabbitmq' },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'dead_letters', most: 0 },
  ],
  codes: [],
  traces: 'whole',
  mutant: withoutOutboxFreedom,
};
