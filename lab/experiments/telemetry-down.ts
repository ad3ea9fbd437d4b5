/** All telemetry is gone: nothing accepts spans, and nothing reads metrics. */
import { type Experiment, sabotagedMutant, shortPhases } from '../src/experiment/definition.ts';

/** Spans and metrics are sent beside the requests; what cannot be sent is dropped. */
export const telemetryDown: Experiment = {
  name: 'telemetry-down',
  hypothesis:
    'When Jaeger and Prometheus are down, no order notices: all are accepted and answered as fast as before.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: {
    kind: 'together',
    faults: [
      { kind: 'down', part: 'jaeger' },
      { kind: 'down', part: 'prometheus' },
    ],
  },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'heal.success', least: 0.99 },
  ],
  codes: [],
  traces: 'unprovable',
  mutant: sabotagedMutant,
};
