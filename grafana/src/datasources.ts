/** The data sources of Grafana, by the uids that dashboards name them with. */
import { scrapeIntervalSeconds } from '@microshop/observability';
import { type Address, type Placement, portVariable } from '@microshop/topology';
import { stringify } from 'yaml';

/** Reference to Prometheus. */
export const prometheus = { type: 'prometheus', uid: 'prometheus' } as const;

/** Reference to Jaeger. */
export const jaeger = { type: 'jaeger', uid: 'jaeger' } as const;

/** The provisioning file of the data sources, YAML. */
export function datasourcesFile(placement: Placement): string {
  const url = ({ host, port }: Address) => `http://${host}:${port}`;
  return stringify({
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        ...prometheus,
        access: 'proxy',
        url: url(placement.prometheus),
        isDefault: true,
        editable: false,
        jsonData: {
          httpMethod: 'POST',
          // makes $__rate_interval four scrapes long
          timeInterval: `${scrapeIntervalSeconds}s`,
          exemplarTraceIdDestinations: [
            // exemplars on a latency chart link to their traces
            { name: 'trace_id', url: traceOfExemplar, urlDisplayLabel: 'Trace in Jaeger' },
          ],
        },
      },
      {
        name: 'Jaeger',
        ...jaeger,
        access: 'proxy',
        url: url(placement.jaeger.query),
        editable: false,
        jsonData: {
          nodeGraph: { enabled: true },
          // a span links to the metrics of its service and name; there are no logs in Grafana to link to
          tracesToMetrics: {
            datasourceUid: prometheus.uid,
            spanStartTimeShift: '-5m',
            spanEndTimeShift: '5m',
            tags: [{ key: 'service.name', value: 'service_name' }],
            queries: [
              {
                name: 'Requests per second',
                query: `sum by (span_name) (rate(traces_span_metrics_calls_total{${tagsOfSpan}}[1m]))`,
              },
              {
                name: 'Failed per second',
                query: `sum by (span_name) (rate(traces_span_metrics_calls_total{${tagsOfSpan},status_code="STATUS_CODE_ERROR"}[1m]))`,
              },
              {
                name: 'Time, p95',
                query: `histogram_quantile(0.95, sum by (span_name, le) (rate(traces_span_metrics_duration_seconds_bucket{${tagsOfSpan}}[1m])))`,
              },
            ],
          },
        },
      },
    ],
  });
}

/**
 * A trace on Jaeger's own page: Grafana's own is in Explore, where somebody who did not sign in may not look. Grafana
 * puts variables of its environment in, and `$$` is a `$` of the address.
 */
const traceOfExemplar = `http://127.0.0.1:\${${portVariable('jaeger')}}/trace/$\${__value.raw}`;

/** Grafana puts the matchers of the tags in; in a provisioned file `$$` is its `$`. */
const tagsOfSpan = '$$__tags';
