/** Queries that have nothing to show while all is well, each with the reason; by the name `queriesOf` gives them. */
export const emptyWhenWell: ReadonlyMap<string, string> = new Map([
  ['shop-overview / Failed and dropped / A', 'no order of k6 failed'],
  ['shop-overview / Failed and dropped / B', 'k6 sent every order in time'],
]);
