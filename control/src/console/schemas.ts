/** What the page of the console asks for and gets: it checks every answer against these, so nothing here may need Node. */
import { maxId } from '@microshop/topology';
import { type Static, Type } from 'typebox';

/** Paths under which the page is served; each is a view of it. */
export const pagePaths = [
  ...['/', '/orders', '/orders/:id', '/traces/:id'],
  ...['/faults', '/messages', '/health', '/dashboards', '/dashboards/:uid', '/experiments', '/parts'],
] as const;

/** Where the page hands over the code of its address for a cookie. */
export const sessionPath = '/api/console/session';

/** What a code stands behind in the address of the page: what follows `#` is never sent, so it is in no log. */
export const codeMark = '#enter=';

/** Attribute of a link in the page that one view alone needs, by its path. */
export const viewMark = 'data-view';

/** Body of `POST /api/console/codes`: it opens one session. */
export const codeSchema = Type.Object({ code: Type.String() });

/** Body of `GET /api/console/session`. */
export const sessionSchema = Type.Object({
  /** Whether this page may change the mesh. */
  may_change: Type.Boolean(),
  /** Number of the mesh. */
  instance: Type.Integer(),
  mode: Type.Enum(['native', 'compose', 'kubernetes']),
  /** How the command is called where the mesh runs: `./mesh`. */
  command: Type.String(),
  /** Addresses by what they are, as `./mesh status` shows them. */
  urls: Type.Record(Type.String(), Type.String()),
});

/** Whether a part answers. */
export const partSchema = Type.Object({
  /** As `./mesh status` names it. */
  name: Type.String(),
  kind: Type.Enum(['gateway', 'app', 'sidecar', 'server', 'control']),
  healthy: Type.Boolean(),
  /** What is wrong; empty when it is healthy. */
  why: Type.String(),
});

/** Whether a part answers. */
export type Part = Static<typeof partSchema>;

/** That, or null. */
export const nullable = <const T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** A place on the map. */
export const nodeSchema = Type.Object({
  /** `gateway`, a service, a database by its name, `rabbitmq`, `redis`. */
  id: Type.String(),
  kind: Type.Enum(['gateway', 'service', 'database', 'broker', 'cache']),
  /** The parts that it stands for, as `./mesh status` names them. */
  parts: Type.Array(Type.String()),
});

/** A place on the map. */
export type MapNode = Static<typeof nodeSchema>;

/** A way between two places; `null` is a figure that is not known, or of which nothing was counted. */
export const edgeSchema = Type.Object({
  /** `orders → products`. */
  id: Type.String(),
  kind: Type.Enum(['http', 'events', 'database', 'cache']),
  from: Type.String(),
  to: Type.String(),
  /** Calls, events, statements or lookups per second. */
  rate: nullable(Type.Number()),
  /** Share of the calls that failed, 0 to 1; of `http` only. */
  failed: nullable(Type.Number()),
  /** 95 of 100 took at most so long, milliseconds: an attempt, a statement, the way of an event to its effect. */
  p95_ms: nullable(Type.Number()),
  /** Attempts for each call; of `http` only. */
  attempts: nullable(Type.Number()),
  /** State of the worst breaker around these calls; `null` where there is none. */
  breaker: nullable(Type.Enum(['closed', 'half_open', 'open'])),
  /** What calls over it meet on purpose, a text for each. */
  faults: Type.Array(Type.String()),
  /** Fields of its policy that are not the topology's. */
  changed: Type.Array(Type.String()),
  /** Replicas of the callee that are ejected. */
  ejected: Type.Integer(),
});

/** A way between two places. */
export type MapEdge = Static<typeof edgeSchema>;

/** Orders that are placed from the page, at a rate. */
export const trafficSchema = Type.Object({
  /** Orders per second; 0 when none are placed. */
  rate: Type.Number(),
  /** Time that is left, seconds. */
  left_s: Type.Number(),
  placed: Type.Integer(),
  /** What the shop says no to, such as a product that is sold out. */
  refused: Type.Integer(),
  /** Answered 5xx, or not at all. */
  failed: Type.Integer(),
});

/** Orders that are placed from the page. */
export type Traffic = Static<typeof trafficSchema>;

/** Body of `GET /api/console/overview`, and of each event of `GET /api/console/live`. */
export const overviewSchema = Type.Object({
  /** When the figures were read, milliseconds since the epoch. */
  at: Type.Integer(),
  /** Time over which the figures were counted, seconds. */
  window_s: Type.Integer(),
  nodes: Type.Array(nodeSchema),
  edges: Type.Array(edgeSchema),
  /** Empty until they were asked. */
  parts: Type.Array(partSchema),
  traffic: trafficSchema,
  /** What cannot be read now, and why, a sentence each. */
  lacks: Type.Array(Type.String()),
});

/** The mesh as the map shows it. */
export type Overview = Static<typeof overviewSchema>;

/** Figures of an edge over time: a value for each of `times`. */
export const edgeSeriesSchema = Type.Object({
  /** Milliseconds since the epoch. */
  times: Type.Array(Type.Integer()),
  rate: Type.Array(nullable(Type.Number())),
  failed: Type.Array(nullable(Type.Number())),
  p95_ms: Type.Array(nullable(Type.Number())),
  attempts: Type.Array(nullable(Type.Number())),
});

/** Figures of an edge over time. */
export type EdgeSeries = Static<typeof edgeSeriesSchema>;

/** A trace that went over an edge. */
export const edgeTraceSchema = Type.Object({
  trace_id: Type.String(),
  /** Milliseconds since the epoch. */
  at: Type.Integer(),
  /** Of the longest call over the edge, milliseconds. */
  took_ms: Type.Number(),
  failed: Type.Boolean(),
  /** The order that it is about, where a span names one. */
  order_id: nullable(Type.Integer()),
});

/** A trace that went over an edge. */
export type EdgeTrace = Static<typeof edgeTraceSchema>;

/** Body of `GET /api/console/edges/{caller}/{callee}/traces`. */
export const edgeTracesSchema = Type.Object({
  slowest: Type.Array(edgeTraceSchema),
  failed: Type.Array(edgeTraceSchema),
});

/** Statuses of an order. */
export const orderStatuses = ['PENDING', 'CONFIRMED', 'REJECTED'] as const;

/** An order in a list. */
export const listedOrderSchema = Type.Object({
  id: Type.Integer(),
  user_id: Type.Integer(),
  status: Type.Enum([...orderStatuses]),
  reason: nullable(Type.String()),
  /** Euros. */
  total_price: Type.Number(),
  /** Milliseconds since the epoch. */
  created_at: Type.Integer(),
  ended_at: nullable(Type.Integer()),
  idempotency_key: nullable(Type.String()),
});

/** An order in a list. */
export type ListedOrder = Static<typeof listedOrderSchema>;

/** Query of `GET /api/console/orders`. */
export const orderQuerySchema = Type.Object(
  {
    status: Type.Optional(Type.Enum([...orderStatuses])),
    /** An order's id, `user:<id>`, a trace id, or an idempotency key. */
    search: Type.Optional(Type.String({ maxLength: 255, pattern: '^[^\\u0000]*$' })),
    /** Only orders with a lower id: the next page. */
    before: Type.Optional(Type.Integer({ minimum: 1, maximum: maxId })),
  },
  { additionalProperties: false },
);

/** Body of `GET /api/console/orders`: the youngest first. */
export const orderListSchema = Type.Object({ orders: Type.Array(listedOrderSchema) });

/** Body of `POST /api/console/orders`; what is left out is chosen among the demo's. */
export const orderWishSchema = Type.Object(
  {
    user_id: Type.Optional(Type.Integer({ minimum: 1 })),
    product_id: Type.Optional(Type.Integer({ minimum: 1 })),
    quantity: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  },
  { additionalProperties: false },
);

/** Answer to it: the order, or the shop's refusal. */
export const placedSchema = Type.Object({
  order_id: nullable(Type.Integer()),
  trace_id: Type.String(),
  /** What the shop said when it refused; null when it did not. */
  refusal: nullable(Type.String()),
});

/** Body of `POST /api/console/traffic`. */
export const trafficWishSchema = Type.Object(
  { rate: Type.Integer({ minimum: 1, maximum: 20 }), seconds: Type.Integer({ minimum: 1, maximum: 60 }) },
  { additionalProperties: false },
);

/** A row of an outbox, with when the other side took it. */
const eventRowSchema = Type.Object({
  message_id: Type.String(),
  type: Type.String(),
  from: Type.String(),
  to: Type.String(),
  /** Milliseconds since the epoch. */
  created_at: Type.Integer(),
  published_at: nullable(Type.Integer()),
  /** When it took effect, as the inbox of the consumer has it. */
  received_at: nullable(Type.Integer()),
  /** Why it was set aside. */
  failed: nullable(Type.String()),
});

/** An event on its way. */
export type EventRow = Static<typeof eventRowSchema>;

/** Body of `GET /api/console/orders/{id}`. */
export const storySchema = Type.Object({
  order: listedOrderSchema,
  lines: Type.Array(
    Type.Object({ product_id: Type.Integer(), quantity: Type.Integer(), price: Type.Number() }),
  ),
  /** The trace it was placed in, by its first event; null when that is not in the outbox any more. */
  trace_id: nullable(Type.String()),
  events: Type.Array(eventRowSchema),
  movements: Type.Array(
    Type.Object({ product_id: Type.Integer(), delta: Type.Integer(), created_at: Type.Integer() }),
  ),
  /** Lines of the parts' logs about its trace, in order of time; null where logs cannot be read from here. */
  logs: nullable(Type.Array(Type.Object({ part: Type.String(), time: Type.Number(), text: Type.String() }))),
  /** What cannot be read now, and why, a sentence each. */
  lacks: Type.Array(Type.String()),
});

/** An order's story, apart from its spans. */
export type Story = Static<typeof storySchema>;
