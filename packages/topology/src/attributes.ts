/** Span attributes of the shop's own; everything else follows OpenTelemetry's semantic conventions. */
export const attributes = {
  orderId: 'order.id',
  /** True on the server span of a request whose key had placed the order before. */
  orderRepeated: 'shop.order.repeated',
  /** How an order ended: `CONFIRMED` or `REJECTED`; on metrics. */
  orderStatus: 'shop.order.status',
  userId: 'user.id',
  productId: 'product.id',
  /** Type of an event, as in the AMQP property `type`. */
  eventType: 'shop.event.type',
  /** Time between the insert of an outbox row and its publishing, milliseconds; on the producer span. */
  outboxWaitMs: 'shop.outbox.wait_ms',
  /** Service a logical call goes to; on the span around the breaker. */
  peer: 'shop.peer',
  /** Who calls, named by the caller's Envoy; on the spans of inbound listeners. */
  caller: 'shop.caller',
  /** Which way an Envoy listener's calls go: `edge` (gateway), `inbound`, `outbound`. */
  direction: 'shop.direction',
  /** Number of an attempt, 1 and up; on Envoy's spans. */
  attempt: 'shop.attempt',
  /** State of the breaker when the call was made: `closed`, `open`, `half_open`. */
  breakerState: 'shop.breaker.state',
  /** Why a call out failed; see `ErrorClass` of the mesh client. */
  errorClass: 'shop.error_class',
  /** Why a service refused a request unseen: `event_loop_delay`, `pool_wait`; on the counter of refused requests. */
  shedReason: 'shop.shed.reason',
  /** Who placed an order; see `origins`. Also the key of its baggage. */
  origin: 'shop.origin',
  /** What became of a message, an event or a trace; on metrics. */
  outcome: 'shop.outcome',
  /** What a fault does to a call, a `kind` of `FaultEffect`; on metrics. */
  faultKind: 'shop.fault.kind',
  /** What a trace lacks, by the name the topology gives it; on metrics. */
  hop: 'shop.trace.hop',
} as const;

/**
 * Name of the context key under which a publisher leaves attributes for the producer span of what it publishes
 * (`createContextKey` makes the same key of the same name everywhere).
 */
export const publishAttributesKeyName = 'shop.publish.attributes';
