/** Telemetry of the shop: the end of the services' bootstrap, and the configuration of Jaeger and Prometheus. */
export { jaegerConfig } from './jaeger.ts';
export { prometheusConfig, scrapeIntervalSeconds } from './prometheus.ts';
export {
  burnFactors,
  prometheusRules,
  recordedRatios,
  recordingRules,
  ruleGroups,
  rulesFile,
} from './rules/index.ts';
export { shutdownTelemetry } from './shutdown.ts';
