/** PromQL about alerts. */

/** Alerts that fire, by name. */
export const firing = 'count by (alertname) (ALERTS{alertstate="firing"})';
