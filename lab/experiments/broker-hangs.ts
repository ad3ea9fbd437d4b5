/** The broker accepts connections and answers nothing. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutOutboxFreedom } from './without.ts';

/** The event of an order waits in the outbox; the audit shows that every order ends once the broker is back. */
export const brokerHangs: Experiment = {
  name: 'broker-hangs',
  hypothesis:
    'When RabbitMQ hangs, orders are accepted as before, and every one of them ends after its return.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'pause', part: 'rabbitmq' },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'dead_letters', most: 0 },
  ],
  codes: [],
  traces: 'whole',
  mutant: withoutOutboxFreedom,
};
