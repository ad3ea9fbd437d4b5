/** PromQL about events: outbox → relay → RabbitMQ → consumer → dead letters. */
import { deadLetterQueue, eventRoutes } from '@microshop/topology';
import { quantile, rate, series } from './promql.ts';

const queues = [...new Set(eventRoutes.map(({ queue }) => queue))];
const matcher = (names: readonly string[]) => `queue=~"${names.join('|').replaceAll('.', '[.]')}"`;
const live = matcher(queues);
const dead = matcher(queues.map(deadLetterQueue));

const byOutbox = 'max by (service_name)';

/** Events that wait in an outbox. */
export const outboxDepth = `${byOutbox} (shop_outbox_depth)`;

/** Age of the oldest of them, seconds. */
export const outboxAge = `${byOutbox} (shop_outbox_oldest_age_seconds)`;

/** Events that can never be published and were set aside. */
export const setAside = `${byOutbox} (shop_outbox_set_aside)`;

/** Attempts to publish, per second, by outcome. */
export const relayed = `sum by (service_name, shop_outcome) (${rate('shop_relay_events_total')})`;

/** Messages that RabbitMQ took, confirmed, and gave back because no queue wanted them, per second. */
export const received = `sum(${rate('rabbitmq_global_messages_received_total')})`;
export const confirmed = `sum(${rate('rabbitmq_global_messages_confirmed_total')})`;
export const returned = `sum(${rate('rabbitmq_global_messages_unroutable_returned_total')})`;

const byQueue = 'max by (queue)';

/** Messages that wait for a consumer, and that a consumer has and has not answered for. */
export const ready = `${byQueue} (${series('rabbitmq_detailed_queue_messages_ready', live)})`;
export const unacked = `${byQueue} (${series('rabbitmq_detailed_queue_messages_unacked', live)})`;

/** Consumers of a queue. */
export const consumers = `${byQueue} (${series('rabbitmq_detailed_queue_consumers', live)})`;

/** Dead letters. */
export const deadLetters = `${byQueue} (${series('rabbitmq_detailed_queue_messages', dead)})`;

const byConsumer = 'messaging_destination_subscription_name';

/** A queue in the legend of a consumer. */
export const consumerLegend = `{{${byConsumer}}}`;

/** Messages taken, per second, by queue and outcome. */
export const consumed = `sum by (${byConsumer}, shop_outcome) (${rate('shop_consumer_messages_total')})`;

/** Time from an event in its outbox to its effect, seconds. */
export const lag = (part: number) =>
  quantile(part, `sum by (${byConsumer}, le) (${rate('shop_consumer_lag_seconds_bucket')})`);

/** Messages that took effect in one transaction, on average. */
export const batchSize = `sum by (${byConsumer}) (${rate('shop_consumer_batch_size_sum')}) / sum by (${byConsumer}) (${rate('shop_consumer_batch_size_count')})`;
