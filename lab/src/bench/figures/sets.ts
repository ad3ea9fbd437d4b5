/** Every set of figures, in the order in which they are measured. */
import { usual } from '../setup.ts';
import { measureOrderWrite } from './order-write.ts';
import { measureRest } from './rest.ts';
import type { FigureSet } from './set.ts';
import { measureSidecar } from './sidecar.ts';
import { measureUp, startOnce } from './up.ts';

/** The sets. */
export const figureSets: readonly FigureSet[] = [
  {
    name: 'rest',
    says: 'CPU at rest and after load, backlog, memory after 10,000 orders',
    times: 1,
    seconds: 240,
    measure: async ({ meshOf, signal }) => measureRest(await meshOf(usual), signal),
  },
  {
    name: 'sidecar',
    says: 'CPU and memory of one sidecar at 1,000 requests a second',
    times: 3,
    seconds: 100,
    measure: async ({ meshOf, signal }) => measureSidecar(await meshOf(usual), signal),
  },
  {
    name: 'up',
    says: 'time from the command that starts a mesh again to the first confirmed order',
    times: 5,
    seconds: 130,
    prepare: startOnce,
    measure: measureUp,
  },
  {
    name: 'order-write',
    says: 'orders that the service’s statement writes ÷ pgbench with the same rows',
    times: 6,
    seconds: 150,
    measure: measureOrderWrite,
  },
];
