/** Events of the shop: transactional outbox, relay, inbox and consumers over RabbitMQ. */
export { type Broker, type BrokerOptions, createBroker, type KeptPublisher } from './broker.ts';
export { type Consumer, type ConsumerOptions, startConsumer } from './consumer.ts';
export { type Failpoint, failpoint } from './failpoint.ts';
export { type EventHandler, type Handled, handles, handlesTogether } from './handler.ts';
export { inboxTableSql } from './inbox.ts';
export {
  type EventEnvelope,
  insertOutbox,
  insertOutboxSql,
  inTraceOf,
  newEventHead,
  newOutboxMessage,
  type OutboxMessage,
  outboxValues,
  PermanentError,
  type TraceHeaders,
} from './message.ts';
export { outboxTableSql, type RetriedEvent } from './outbox.ts';
export type { OutgoingMessage, Publisher, PublishFailure } from './publisher.ts';
export { type Relay, type RelayOptions, startRelay } from './relay.ts';
export { type RetriesOptions, serveRetries } from './retries.ts';
