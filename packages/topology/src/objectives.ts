/** What the shop promises its clients, measured at the gateway. Alerts and dashboards derive from it. */

/** A promise about one kind of request. */
export interface Objective {
  /** Name of the gateway's statistics of these requests (Envoy's `stat_prefix` of a route). */
  readonly stat: string;
  /** Share of requests that must not end with a 5xx. */
  readonly availability: number;
  /** Share of requests that must be answered within `ms` milliseconds, a bound of Envoy's histogram. */
  readonly latency: { readonly share: number; readonly ms: number };
  /** Time the error budget is for, minutes. */
  readonly periodMinutes: number;
}

/**
 * Placing an order. A service in production counts its budget over 30 days; a lab runs for an hour or two and wants to
 * see a budget burn within that time, so the period here is one hour.
 */
export const placeOrderObjective: Objective = {
  stat: 'place_order',
  availability: 0.99,
  latency: { share: 0.95, ms: 500 },
  periodMinutes: 60,
};
