/** PromQL about telemetry itself: traces, the collector, Prometheus, Jaeger. */
import { rate } from './promql.ts';

/** Share of the provable orders of the last minutes whose trace is whole, 0 to 1. */
export const completeness = 'min(shop_trace_completeness_ratio)';

/** Orders of the last minutes, by what their traces prove. */
export const orders = 'sum by (shop_outcome) (shop_trace_orders)';

/** Orders whose trace lacks a hop, by hop. */
export const missingHops = 'sum by (shop_trace_hop) (shop_trace_missing)';

/** Spans that reached the collector, per second: taken, refused (it is full), failed (it could not read them). */
export const spansReceived = `sum(${rate('otelcol_receiver_accepted_spans_total')})`;
export const spansRefused = `sum(${rate('otelcol_receiver_refused_spans_total')})`;
export const spansUnreadable = `sum(${rate('otelcol_receiver_failed_spans_total')})`;

/** Spans that went to the trace store, and that could not, per second. */
export const spansStored = `sum(${rate('otelcol_exporter_sent_spans_total')})`;
export const spansNotStored = `sum(${rate('otelcol_exporter_send_failed_spans_total')})`;

/** Points of metrics the apps pushed, and points that could not be handed on, per second. */
export const pointsReceived = `sum(${rate('otelcol_receiver_accepted_metric_points_total')})`;
export const pointsRefused = `sum(${rate('otelcol_receiver_refused_metric_points_total')})`;
export const pointsFailed = `sum(${rate('otelcol_exporter_send_failed_metric_points_total')})`;

/** Spans that the Envoys sent, and gave up, per second. */
export const envoySpansSent = `sum by (part) (${rate('envoy_tracing_opentelemetry_spans_sent')})`;
export const envoySpansDropped = `sum by (part) (${rate('envoy_tracing_opentelemetry_spans_dropped')})`;

/** A scrape target: every part has one, the collector's is about many. */
const target = 'by (job, part)';
export const targetLegend = '{{job}} {{part}}';

/** 1 while Prometheus can read a target. */
export const up = `min ${target} (up)`;

/** Targets that cannot be read. */
export const down = 'count(up) - sum(up)';

/** Time a scrape takes, seconds, and what it brings. */
export const scrapeDuration = `max ${target} (scrape_duration_seconds)`;
export const scrapeSamples = `sum ${target} (scrape_samples_scraped)`;

/** Series in memory. */
export const series = 'sum(prometheus_tsdb_head_series)';

/** Rules that could not be evaluated, or not in time, per second. */
export const rulesFailed = `sum(${rate('prometheus_rule_evaluation_failures_total')})`;
export const rulesMissed = `sum(${rate('prometheus_rule_group_iterations_missed_total')})`;

/** Memory of Jaeger's process, bytes. */
export const jaegerMemory = 'max(otelcol_process_memory_rss_bytes)';

/** Questions to the trace store, per second, by kind and result. */
export const jaegerQueries = `sum by (operation, result) (${rate('jaeger_storage_requests_total')})`;

/** Time of an answer on average, seconds, by kind: the first bucket of this histogram reaches up to 5 s. */
export const jaegerQueryTime = `sum by (operation) (${rate('jaeger_storage_latency_seconds_sum')}) / sum by (operation) (${rate('jaeger_storage_latency_seconds_count')})`;
