/** Every certificate of the mesh ends, again and again, and is renewed before. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/** Connections between pods live a minute at most, so all of them are made again within the fault. */
export const certificatesEnd: Experiment = {
  name: 'certificates-end',
  hypothesis:
    'When all certificates live 5 s and are renewed under load, no order fails and no call is retried.',
  load: { rate: 10 },
  seconds: { ...shortPhases, fault: 65 },
  fault: { kind: 'certificates', lifetime_s: 5, renewed: true },
  limits: [
    { figure: 'fault.success', least: 0.99 },
    { figure: 'fault.p95_ms', most: 900 },
    { figure: 'fault.amplification', most: 1.05 },
  ],
  codes: [],
  traces: 'whole',
  mutant: {
    without: 'renewal: the certificates end',
    fault: { kind: 'certificates', lifetime_s: 5, renewed: false },
  },
};
