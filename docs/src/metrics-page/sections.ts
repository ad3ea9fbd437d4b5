/** The parts of the page: metrics by their source. */
import { recordingRules } from '@microshop/observability';

/** One part. */
export interface Section {
  readonly title: string;
  /** What stands above the table. */
  readonly text: string;
  /** `ours`: a process of ours reports it. */
  readonly holds: (name: string, ours: boolean) => boolean;
  /** `all`, or only what the dashboards and the rules use: servers report hundreds that are not used here. */
  readonly lists: 'all' | 'used';
  /** Those that are listed all the same. */
  readonly andAlso?: (name: string) => boolean;
}

const named = (pattern: RegExp) => (name: string) => pattern.test(name);

const recorded = new Set(recordingRules.map(({ record }) => record));

/** In the order of the page; a metric stands in the first that holds it. */
export const sections: readonly Section[] = [
  {
    title: 'Orders',
    text: 'What the shop is for. Counted after the commit, so an event that is handled again counts once.',
    holds: named(/^shop_orders?_/),
    lists: 'all',
  },
  {
    title: 'Events',
    text: 'From the outbox over the queue to the effect ([events.md](../events.md)).',
    holds: named(/^shop_(outbox|relay|consumer)_/),
    lists: 'all',
  },
  {
    title: 'Calls, load and cache',
    text: 'Breakers, requests refused for lack of room, the catalogue’s cache ([resilience.md](../resilience.md)).',
    holds: named(/^shop_(breaker|call|requests|cache)_/),
    lists: 'all',
  },
  {
    title: 'Control service',
    text: 'Faults in effect ([faults.md](../faults.md)), and what it finds in the traces of the last orders.',
    holds: named(/^shop_(fault|trace)_/),
    lists: 'all',
  },
  {
    title: 'HTTP',
    text: 'Rate, errors and duration of every service, by the instrumentations of Node’s server and of undici; calls to peers by the mesh client.',
    holds: named(/^http_(server|client)_/),
    lists: 'all',
  },
  {
    title: 'Database and pool',
    text: 'Statements and connections, as the services see them.',
    holds: named(/^db_/),
    lists: 'all',
  },
  {
    title: 'Runtime',
    text: 'Event loop, garbage collection and heap of every Node process.',
    holds: (name, ours) => /^(nodejs|v8js)_/.test(name) || (ours && name.startsWith('process_')),
    lists: 'all',
  },
  {
    title: 'Sending of spans',
    text: 'The queue of finished spans in each service, and what was lost of it: `error_type` says why ([observability.md](../observability.md)).',
    holds: named(/^otel_sdk_/),
    lists: 'all',
  },
  {
    title: 'PostgreSQL and Redis',
    text: 'Their own statistics; the control service asks for them.',
    holds: named(/^(postgresql|redis)_/),
    lists: 'all',
  },
  {
    title: 'Spans',
    text: 'Counted by the collector from every span of every process, Envoys included.',
    holds: named(/^traces_span_metrics_/),
    lists: 'all',
  },
  {
    title: 'Envoy',
    text: 'Of the gateway (`part="gateway"`) and each sidecar; `envoy_cluster_name` is the callee.',
    holds: named(/^envoy_/),
    lists: 'used',
  },
  {
    title: 'RabbitMQ',
    text: 'By its own plugin: node by node, and `rabbitmq_detailed_…` queue by queue.',
    holds: named(/^(rabbitmq|erlang|telemetry)_/),
    lists: 'used',
  },
  {
    title: 'Jaeger',
    text: 'The collector and the store about themselves: what was received, refused, sent on.',
    holds: named(/^(jaeger|otelcol)_/),
    lists: 'used',
  },
  {
    title: 'k6',
    text: 'Written by k6 while it runs ([load.md](../load.md)); `testid` is the scenario.',
    holds: named(/^k6_/),
    lists: 'used',
    // of our own scripts
    andAlso: named(/^k6_order/),
  },
  {
    title: 'Recorded by rules',
    text: 'Computed by Prometheus from the above, for the alerts ([observability.md](../observability.md)).',
    holds: (name) => recorded.has(name),
    lists: 'all',
  },
  {
    title: 'Prometheus',
    text: 'About itself, its targets and its alerts.',
    holds: named(/^(up$|target_info$|scrape_|ALERTS|prometheus_|go_|process_|promhttp_|net_conntrack_)/),
    lists: 'used',
  },
];
