/** Each message is delivered three times more. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';
import { withoutKnownDuplicates } from './without.ts';

/** The inbox knows each by its id; the audit shows that no stock was taken twice. */
export const duplicates: Experiment = {
  name: 'duplicates',
  hypothesis: 'When the event of each order is delivered three times more, each takes effect once.',
  load: { rate: 5 },
  seconds: shortPhases,
  fault: { kind: 'duplicates', times: 3 },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'dead_letters', most: 0 },
  ],
  codes: [],
  traces: 'whole',
  mutant: withoutKnownDuplicates,
};
