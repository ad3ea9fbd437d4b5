/** Units, as Grafana names them. */
export const units = {
  seconds: 's',
  milliseconds: 'ms',
  /** A share, 0 to 1, shown as a percentage. */
  share: 'percentunit',
  requestsPerSecond: 'reqps',
  ordersPerSecond: 'suffix: orders/s',
  users: 'suffix: users',
} as const;

/** A unit. */
export type Unit = (typeof units)[keyof typeof units];
