/** What of telemetry is switched off, by the standard variables the services' bootstrap reads. */

/**
 * Environment added to the services for each comparison; with none of them everything is on. Without `traces` no span is
 * made: the instrumentations stay, for metrics and to hand the caller's context on, so log lines keep their trace id.
 * Without `metrics` nothing is added up or sent. Without `telemetry` nothing of OpenTelemetry is loaded.
 */
export const switches = {
  traces: { OTEL_TRACES_EXPORTER: 'none' },
  metrics: { OTEL_METRICS_EXPORTER: 'none' },
  telemetry: { OTEL_SDK_DISABLED: 'true' },
} as const satisfies Record<string, Readonly<Record<string, string>>>;

/** Name of a comparison. */
export type Switch = keyof typeof switches;

/** Names of all comparisons. */
export const switchNames = Object.keys(switches).filter((name): name is Switch => name in switches);
