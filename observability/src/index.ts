/** Configuration of Jaeger and Prometheus. What a service itself loads is `register.ts` and `shutdown.ts`. */
export { jaegerConfig, type TraceStore } from './jaeger.ts';
export { prometheusConfig } from './prometheus.ts';
export {
  burnFactors,
  prometheusRules,
  recordedRatios,
  recordingRules,
  ruleGroups,
  rulesFile,
} from './rules/index.ts';
export { scrapeIntervalSeconds } from './scrape-jobs.ts';
