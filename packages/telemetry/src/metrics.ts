/** Shape of the metrics that the services push: buckets in seconds, and labels with a known set of values. */
import {
  AggregationType,
  createAllowListAttributesProcessor,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics';

/** Histogram bounds, seconds: from a single SQL statement (1 ms) past the order's deadline (3.5 s) and the gateway's (4 s). */
const durationBoundaries = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5,
];

/** Duration histograms of the instrumentations, and the attributes that become labels. */
const durations: Readonly<Record<string, readonly string[]>> = {
  'http.server.request.duration': [
    'http.request.method',
    'http.route',
    'http.response.status_code',
    'error.type',
  ],
  'http.client.request.duration': [
    'http.request.method',
    'server.address',
    'http.response.status_code',
    'error.type',
  ],
  'db.client.operation.duration': ['db.system.name', 'db.namespace', 'db.operation.name', 'error.type'],
};

/** Views for the meter provider. */
export const metricViews: ViewOptions[] = Object.entries(durations).map(([instrumentName, labels]) => ({
  instrumentName,
  aggregation: {
    type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
    options: { boundaries: durationBoundaries },
  },
  attributesProcessors: [createAllowListAttributesProcessor([...labels])],
}));
