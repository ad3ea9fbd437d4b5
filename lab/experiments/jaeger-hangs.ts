/** The telemetry's receiver accepts connections and answers nothing. */
import { type Experiment, sabotagedMutant, shortPhases } from '../src/experiment/definition.ts';

/** Spans and metrics are sent in batches beside the requests; nothing waits for them. */
export const jaegerHangs: Experiment = {
  name: 'jaeger-hangs',
  hypothesis: 'When Jaeger hangs, no order notices: all are accepted and answered as fast as before.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'pause', part: 'jaeger' },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'heal.success', least: 0.99 },
  ],
  codes: [],
  traces: 'unprovable',
  mutant: sabotagedMutant,
};
