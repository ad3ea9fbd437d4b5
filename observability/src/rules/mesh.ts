/** Alerts on calls between services and on their certificates. */
import type { RuleGroup } from './rule.ts';

/** Calls per second below which attempts ÷ calls says nothing. */
const leastCallsPerSecond = 1;

/** Attempts per call above which retries make an outage worse. The retry budget allows 1.2 under load. */
const stormRatio = 1.5;

/** Seconds before its end at which a certificate should long be renewed; they are, at half of their hour. */
const certificateSeconds = 600;

/** Calls out of a sidecar to a peer: not to its own app, not to the collector. */
const outbound = 'job="envoy",part=~".+-sidecar.*",envoy_cluster_name!~"app|otlp"';

const by = 'by (service, envoy_cluster_name)';
// `total` knows only the attempts that had a connection
const calls = `sum ${by} (rate(envoy_cluster_upstream_rq_completed{${outbound}}[1m]))`;
const retries = `sum ${by} (rate(envoy_cluster_upstream_rq_retry{${outbound}}[1m]))`;

/** Rules about edges. */
export const meshRules: RuleGroup = {
  name: 'mesh',
  rules: [
    {
      record: 'edge:calls:rate1m',
      expr: calls,
      meaning: 'Calls from a service to a peer, per second; a call that was retried counts once.',
    },
    {
      record: 'edge:tries_per_call:ratio_rate1m',
      expr: `1 + ${retries} / ${calls}`,
      meaning: 'Tries the caller’s sidecar makes for each call.',
    },
    {
      alert: 'BreakerOpen',
      // An open breaker is half open for a moment every five seconds.
      expr: 'max by (shop_caller, shop_peer) (max_over_time(shop_breaker_state[15s])) == 2',
      for: '0s',
      labels: { severity: 'page' },
      annotations: {
        summary: 'The breaker of {{ $labels.shop_caller }} around {{ $labels.shop_peer }} is open',
        next: './mesh status, and ./mesh logs of the callee',
      },
    },
    {
      alert: 'RetryStorm',
      expr: `edge:tries_per_call:ratio_rate1m > ${stormRatio} and edge:calls:rate1m > ${leastCallsPerSecond}`,
      for: '15s',
      labels: { severity: 'page' },
      annotations: {
        summary:
          '{{ $labels.service }} makes {{ $value | humanize }} attempts for each call to {{ $labels.envoy_cluster_name }}',
        next: './mesh logs of the callee’s sidecar; which flag do its lines have (docs/envoy.md)?',
      },
    },
    {
      alert: 'CertificateNearItsEnd',
      expr: `min by (part) ({__name__=~"envoy_.+_ssl_certificate_expiration_unix_time_seconds",job="envoy"}) - time() < ${certificateSeconds}`,
      for: '0s',
      labels: { severity: 'page' },
      annotations: {
        summary: 'A certificate of {{ $labels.part }} ends in {{ $value | humanizeDuration }}',
        next: './mesh logs control: it renews them',
      },
    },
  ],
};
