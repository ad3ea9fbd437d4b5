/** Grafana's dashboards and what it is provisioned with; the checks that tests hold them against. */
export { emptyWhenWell } from './check/empty-when-well.ts';
export { metricsOf } from './check/promql.ts';
export { type DashboardQuery, parseDashboard, queriesOf } from './check/queries.ts';
