/** Units, as Grafana names them. */
export const units = {
  seconds: 's',
  milliseconds: 'ms',
  bytes: 'bytes',
  /** A share, 0 to 1, shown as a percentage. */
  share: 'percentunit',
  /** A plain number. */
  count: 'short',
  /** A number that stands for a state, shown as its name. */
  state: 'none',
  /** Seconds of CPU per second. */
  cores: 'suffix: cores',
  /** How many times more or faster. */
  times: 'suffix: ×',
  attemptsPerCall: 'suffix: attempts',
  requestsPerSecond: 'reqps',
  ordersPerSecond: 'suffix: orders/s',
  eventsPerSecond: 'suffix: events/s',
  messagesPerSecond: 'suffix: messages/s',
  spansPerSecond: 'suffix: spans/s',
  samplesPerSecond: 'suffix: samples/s',
  perSecond: 'ops',
  users: 'suffix: users',
} as const;

/** A unit. */
export type Unit = (typeof units)[keyof typeof units];
