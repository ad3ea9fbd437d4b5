/** Queries that have nothing to show while all is well, each with the reason; by the name `queriesOf` gives them. */
const noFault = 'no fault is set';

/** All of them. `test/e2e/dashboards.test.ts` provokes each. */
export const emptyWhenWell: ReadonlyMap<string, string> = new Map([
  ['shop-overview / Alerts firing / A', 'no alert fires'],
  ['shop-overview / @Faults', noFault],
  ['mesh / @Faults', noFault],
  ['mesh / Faults set / A', noFault],
  ['service / @Faults', noFault],
  ['messaging / @Faults', noFault],
  ['traffic-and-faults / @Faults', noFault],
  ['traffic-and-faults / Faults set / A', noFault],
  ['traffic-and-faults / Failed and dropped / A', 'no order of k6 failed'],
  ['traffic-and-faults / Failed and dropped / B', 'k6 sent every order in time'],
  ['telemetry-health / @Faults', noFault],
]);
