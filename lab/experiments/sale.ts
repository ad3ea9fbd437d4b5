/** More buyers than units, all at once. */
import { type Experiment, shortPhases } from '../src/experiment/definition.ts';

/** Who orders is checked against the stock twice: by orders, which can be late, and by products, under the row's lock. */
export const sale: Experiment = {
  name: 'sale',
  hypothesis:
    'When 500 buyers come for 100 units within 10 s, exactly 100 are sold, and other buyers still get their orders.',
  load: { rate: 5 },
  seconds: shortPhases,
  fault: { kind: 'sale', rate: 50, seconds: 10, units: 100 },
  limits: [
    { figure: 'sold', least: 100, most: 100 },
    { figure: 'fault.success', least: 0.99 },
  ],
  codes: [],
  traces: 'whole',
  mutant: {
    without: 'a limit that can hold: 101 units sold',
    sabotaged: true,
    limits: [{ figure: 'sold', least: 101 }],
  },
};
