/** What the alerts must do: for each a story in which it fires, and one close to it in which it does not. */

/** One story. Samples are 5 s apart, in promtool's notation: `0+10x12` is 0, 10, 20, … */
export interface AlertCase {
  readonly alert: string;
  /** What happens. */
  readonly story: string;
  /** Samples by series. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at. */
  readonly at: string;
  /** Labels and summary of each alert that fires; empty when none may. */
  readonly fires: readonly { readonly labels: Readonly<Record<string, string>>; readonly summary: string }[];
}

const route = 'job="envoy",part="gateway",envoy_virtual_host="shop",envoy_route="place_order"';

/** Orders per sample: those answered 5xx, those answered later than 500 ms. */
function orders(
  all: string,
  failed: string,
  slow: string,
  count: string,
  bound = '500',
): Record<string, string> {
  return {
    [`envoy_vhost_route_upstream_rq_total{${route}}`]: all,
    [`envoy_vhost_route_upstream_rq_xx{${route},envoy_response_code_class="5"}`]: failed,
    [`envoy_vhost_route_upstream_rq_time_count{${route}}`]: count,
    [`envoy_vhost_route_upstream_rq_time_bucket{${route},le="${bound}"}`]: slow,
  };
}

/** 10 orders per sample for an hour; `bad` of them fail or are in time, from the beginning on. */
const failing = (bad: number): Record<string, string> =>
  orders('0+10x720', `0+${bad}x720`, '0+10x720', '0+10x720');
const dragging = (inTime: number, bound?: string): Record<string, string> =>
  orders('0+10x720', '0x720', `0+${inTime}x720`, '0+10x720', bound);

const edge = 'job="envoy",part="orders-sidecar",service="orders",envoy_cluster_name="users"';
const queue = (name: string, metric: string): string =>
  `rabbitmq_detailed_queue_${metric}{job="rabbitmq-queues",vhost="/",queue="${name}"}`;
const consumedQueue = { messaging_destination_subscription_name: 'orders.stock' };
const consumer = (metric: string, instance: string): string =>
  `shop_consumer_${metric}{instance="${instance}",service_name="orders",messaging_destination_subscription_name="orders.stock"}`;
const breaker = 'shop_breaker_state{instance="orders",shop_caller="orders",shop_peer="users"}';
const certificate =
  'envoy_listener_ssl_certificate_expiration_unix_time_seconds{job="envoy",part="users-sidecar"}';

/** Every story. */
export const alertCases: readonly AlertCase[] = [
  {
    alert: 'PlaceOrderErrorsBurnsFast',
    story: 'one order of ten fails',
    series: failing(1),
    at: '10m',
    fires: [
      {
        labels: { severity: 'page' },
        summary:
          '10 % of orders in 5 min failed: at this rate the failures allowed in 60 min are used up within 10 min',
      },
    ],
  },
  {
    alert: 'PlaceOrderErrorsBurnsFast',
    story: 'one order of twenty fails: that is slow burning',
    series: failing(0.5),
    at: '10m',
    fires: [],
  },
  {
    alert: 'PlaceOrderErrorsBurnsFast',
    story: 'half of the orders failed until two minutes ago',
    series: orders('0+10x720', '0+5x96 480x600', '0+10x720', '0+10x720'),
    at: '10m',
    fires: [],
  },
  {
    alert: 'PlaceOrderErrorsBurnsFast',
    story: 'a single order in five minutes, and it fails',
    series: orders('0x110 1x600', '0x110 1x600', '0x720', '0x720'),
    at: '10m',
    fires: [],
  },
  {
    alert: 'PlaceOrderErrorsBurnsSlow',
    story: 'three of a hundred orders fail for half an hour',
    series: failing(0.3),
    at: '40m',
    fires: [
      {
        labels: { severity: 'ticket' },
        summary:
          '3 % of orders in 30 min failed: at this rate the failures allowed in 60 min are used up within 30 min',
      },
    ],
  },
  {
    alert: 'PlaceOrderErrorsBurnsSlow',
    story: 'one of a hundred orders fails: just what the budget is for',
    series: failing(0.1),
    at: '40m',
    fires: [],
  },
  {
    alert: 'PlaceOrderLatencyBurnsFast',
    story: 'two of five orders take longer than they should',
    series: dragging(6),
    at: '10m',
    fires: [
      {
        labels: { severity: 'page' },
        summary:
          '40 % of orders in 5 min took over 500 ms: at this rate the slow orders allowed in 60 min are used up within 10 min',
      },
    ],
  },
  {
    alert: 'PlaceOrderLatencyBurnsFast',
    story: 'one of five orders takes longer than it should: that is slow burning',
    series: dragging(8),
    at: '10m',
    fires: [],
  },
  {
    alert: 'PlaceOrderLatencyBurnsSlow',
    story: 'one of five orders takes longer than it should, for half an hour',
    series: dragging(8),
    at: '40m',
    fires: [
      {
        labels: { severity: 'ticket' },
        summary:
          '20 % of orders in 30 min took over 500 ms: at this rate the slow orders allowed in 60 min are used up within 30 min',
      },
    ],
  },
  {
    alert: 'PlaceOrderLatencyBurnsSlow',
    story: 'one of five orders takes longer than it should, as Prometheus 3 writes the bounds of a histogram',
    series: dragging(7.777, '500.0'),
    at: '40m',
    fires: [
      {
        labels: { severity: 'ticket' },
        summary:
          '22.2 % of orders in 30 min took over 500 ms: at this rate the slow orders allowed in 60 min are used up within 30 min',
      },
    ],
  },
  {
    alert: 'PlaceOrderLatencyBurnsSlow',
    story: 'every order is answered in time',
    series: dragging(10),
    at: '40m',
    fires: [],
  },
  {
    alert: 'BreakerOpen',
    story: 'open, with a look at half open in between',
    series: { [breaker]: '0x5 2 2 1' },
    at: '35s',
    fires: [
      {
        labels: { severity: 'page', shop_caller: 'orders', shop_peer: 'users' },
        summary: 'The breaker of orders around users is open',
      },
    ],
  },
  {
    alert: 'BreakerOpen',
    story: 'closed again after it was open',
    series: { [breaker]: '0x5 2 2 1 0x10' },
    at: '60s',
    fires: [],
  },
  {
    alert: 'RetryStorm',
    story: 'two attempts for each call',
    series: {
      [`envoy_cluster_upstream_rq_completed{${edge}}`]: '0+20x60',
      [`envoy_cluster_upstream_rq_retry{${edge}}`]: '0+20x60',
    },
    at: '3m',
    fires: [
      {
        labels: { severity: 'page', service: 'orders', envoy_cluster_name: 'users' },
        summary: 'orders makes 2 attempts for each call to users',
      },
    ],
  },
  {
    alert: 'RetryStorm',
    story: 'one attempt of six is a retry, as the budget allows',
    series: {
      [`envoy_cluster_upstream_rq_completed{${edge}}`]: '0+50x60',
      [`envoy_cluster_upstream_rq_retry{${edge}}`]: '0+10x60',
    },
    at: '3m',
    fires: [],
  },
  {
    alert: 'RetryStorm',
    story: 'two attempts for each call, but a call in ten seconds',
    series: {
      [`envoy_cluster_upstream_rq_completed{${edge}}`]: '0+0.5x60',
      [`envoy_cluster_upstream_rq_retry{${edge}}`]: '0+0.5x60',
    },
    at: '3m',
    fires: [],
  },
  {
    alert: 'CertificateNearItsEnd',
    story: 'five minutes are left',
    series: { [certificate]: '600x120' },
    at: '5m',
    fires: [
      {
        labels: { severity: 'page', part: 'users-sidecar' },
        summary: 'A certificate of users-sidecar ends in 5m 0s',
      },
    ],
  },
  {
    alert: 'CertificateNearItsEnd',
    story: 'half an hour is left, as just before a renewal',
    series: { [certificate]: '2100x120' },
    at: '5m',
    fires: [],
  },
  {
    alert: 'OutboxStuck',
    story: 'an event has waited for half a minute',
    series: { 'shop_outbox_oldest_age_seconds{instance="orders",service_name="orders"}': '0x5 0+5x6' },
    at: '60s',
    fires: [
      {
        labels: { severity: 'page', service_name: 'orders' },
        summary: 'The oldest event in the outbox of orders has waited for 30s',
      },
    ],
  },
  {
    alert: 'OutboxStuck',
    story: 'events wait, but each for a moment only',
    series: {
      'shop_outbox_oldest_age_seconds{instance="orders",service_name="orders"}': '0 4 10 2 0 14 9 1',
    },
    at: '35s',
    fires: [],
  },
  {
    alert: 'DeadLetters',
    story: 'one message is dead',
    series: { [queue('products.orders.dlq', 'messages')]: '0x5 1x5' },
    at: '40s',
    fires: [
      {
        labels: { severity: 'ticket', queue: 'products.orders.dlq' },
        summary: '1 messages are in products.orders.dlq',
      },
    ],
  },
  {
    alert: 'DeadLetters',
    story: 'messages wait in a queue that is none of the dead',
    series: {
      [queue('products.orders.dlq', 'messages')]: '0x10',
      [queue('products.orders', 'messages')]: '9x10',
    },
    at: '40s',
    fires: [],
  },
  {
    alert: 'ConsumerLag',
    story: 'a thousand messages wait for a minute',
    series: { [queue('orders.stock', 'messages_ready')]: '0x5 1000x20' },
    at: '90s',
    fires: [
      {
        labels: { severity: 'page', queue: 'orders.stock' },
        summary: '1000 messages wait in orders.stock',
      },
    ],
  },
  {
    alert: 'ConsumerLag',
    story: 'a burst that is worked off within fifteen seconds, and dead letters',
    series: {
      [queue('orders.stock', 'messages_ready')]: '0x5 1000 1000 1000 0x20',
      [queue('orders.stock.dlq', 'messages_ready')]: '1000x30',
    },
    at: '90s',
    fires: [],
  },
  {
    alert: 'QueueWithoutConsumer',
    story: 'the consumer has been down for a minute',
    series: { [queue('products.orders', 'consumers')]: '1x5 0x20' },
    at: '90s',
    fires: [
      {
        labels: { severity: 'page', queue: 'products.orders' },
        summary: 'products.orders has no consumer',
      },
    ],
  },
  {
    alert: 'QueueWithoutConsumer',
    story: 'the consumer was restarted; dead letters have none',
    series: {
      [queue('products.orders', 'consumers')]: '1x5 0 0 0 1x20',
      [queue('products.orders.dlq', 'consumers')]: '0x30',
    },
    at: '90s',
    fires: [],
  },
  {
    alert: 'ConsumerMissing',
    story: 'one of two replicas has no consumer for half a minute',
    series: {
      [consumer('active', 'orders')]: '1x30',
      [consumer('active', 'orders-2')]: '1x5 0x20',
    },
    at: '90s',
    fires: [
      {
        labels: { severity: 'page', instance: 'orders-2', ...consumedQueue },
        summary: 'orders-2 does not consume orders.stock',
      },
    ],
  },
  {
    alert: 'ConsumerMissing',
    story: 'the channel was lost and opened again',
    series: { [consumer('active', 'orders')]: '1x5 0 0 0 1x20' },
    at: '90s',
    fires: [],
  },
  {
    alert: 'ConsumerStalled',
    story: 'messages are held, and none has been settled for a minute',
    series: { [consumer('stalled_time_seconds', 'orders')]: '0x5 0+5x20' },
    at: '85s',
    fires: [
      {
        labels: { severity: 'page', instance: 'orders', ...consumedQueue },
        summary: 'orders holds messages of orders.stock and has settled none for 55s',
      },
    ],
  },
  {
    alert: 'ConsumerStalled',
    story: 'slow, but one after the other is settled',
    series: { [consumer('stalled_time_seconds', 'orders')]: '0 5 10 15 20 0 5 10 15 20 25 0 5 10 15 20' },
    at: '75s',
    fires: [],
  },
  {
    alert: 'TargetDown',
    story: 'a target has not answered for half a minute',
    series: { 'up{job="rabbitmq",instance="127.0.0.1:15692",part="rabbitmq"}': '1x5 0x6' },
    at: '55s',
    fires: [
      {
        labels: { severity: 'page', job: 'rabbitmq', instance: '127.0.0.1:15692', part: 'rabbitmq' },
        summary: 'Prometheus cannot read rabbitmq at 127.0.0.1:15692',
      },
    ],
  },
  {
    alert: 'TargetDown',
    story: 'one scrape failed',
    series: { 'up{job="rabbitmq",instance="127.0.0.1:15692",part="rabbitmq"}': '1x5 0 1x10' },
    at: '55s',
    fires: [],
  },
  {
    alert: 'TracesIncomplete',
    story: 'one trace of ten is not whole',
    series: { shop_trace_completeness_ratio: '1x5 0.9x20' },
    at: '90s',
    fires: [
      {
        labels: { severity: 'ticket' },
        summary: 'Only 90 % of the last orders have a whole trace',
      },
    ],
  },
  {
    alert: 'TracesIncomplete',
    story: 'one trace of two hundred is not whole',
    series: { shop_trace_completeness_ratio: '0.995x30' },
    at: '90s',
    fires: [],
  },
  {
    alert: 'TracesUnproven',
    story: 'Jaeger was restarted: a fifth of the orders can no longer be judged',
    series: {
      'shop_trace_orders{shop_outcome="complete"}': '100x5 80x20',
      'shop_trace_orders{shop_outcome="waiting"}': '20x30',
      'shop_trace_orders{shop_outcome="unproven"}': '0x5 20x20',
    },
    at: '90s',
    fires: [
      {
        labels: { severity: 'ticket' },
        summary: 'The traces of 20 % of the last orders could not be judged in time',
      },
    ],
  },
  {
    alert: 'TracesUnproven',
    story: 'no order at all',
    series: {
      'shop_trace_orders{shop_outcome="complete"}': '0x30',
      'shop_trace_orders{shop_outcome="unproven"}': '0x30',
    },
    at: '90s',
    fires: [],
  },
];
