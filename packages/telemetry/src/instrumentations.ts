/**
 * The short list of instrumentations. Everything the services touch and nothing else: the whole set of
 * auto-instrumentations doubles the CPU of a request.
 */

import { services, tellable, withheld } from '@microshop/topology';
import type { Span } from '@opentelemetry/api';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { PgInstrumentation, type PgInstrumentationConfig } from '@opentelemetry/instrumentation-pg';
import { describeConsume, describePublish } from './messaging.ts';
import { commandText, statementText } from './statement.ts';

/**
 * Modules that the loader hooks wrap when ESM code imports them; what CommonJS code requires is caught without.
 * undici and the runtime metrics need none: they listen to diagnostics channels and performance observers.
 */
export const wrappedModules: readonly string[] = ['http', 'pg', 'amqplib', 'ioredis', 'pino'];

/** Requests to these paths leave no span: a check every second would drown the orders. */
const healthPrefix = '/health/';

type Instrumentations = ReturnType<typeof getNodeAutoInstrumentations>;
type QueryInfo = Parameters<NonNullable<PgInstrumentationConfig['requestHook']>>[1];

const serviceNames: ReadonlySet<string> = new Set(services.map((service) => service.name));

/**
 * The pg instrumentation without its counters of connections, which cost a service that mostly asks its database 2 % of
 * its CPU; the service kit tells the same when metrics are collected (`pool-metrics.ts`).
 */
class StatementInstrumentation extends PgInstrumentation {
  protected override init() {
    return super.init().filter(({ name }) => name !== 'pg-pool');
  }
}

/** Creates the instrumentations; they patch modules as these are loaded, so this runs before anything else. */
export function createInstrumentations(): Instrumentations {
  // An instrumentation that is not named here is off, whatever the environment says.
  process.env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] = 'http,undici,amqplib,ioredis,pino,runtime-node';
  delete process.env['OTEL_NODE_DISABLED_INSTRUMENTATIONS'];
  const others = getNodeAutoInstrumentations({
    '@opentelemetry/instrumentation-http': {
      ignoreIncomingRequestHook: (request) => request.url?.startsWith(healthPrefix) ?? false,
      // Calls out go through undici; what is left is the exporters' own traffic.
      disableOutgoingRequestInstrumentation: true,
      requestHook: withholdRequest,
    },
    '@opentelemetry/instrumentation-undici': {
      // a call to a peer has its span, and its duration, from the mesh client
      ignoreRequestHook: isToPeer,
    },
    '@opentelemetry/instrumentation-amqplib': {
      publishHook: describePublish,
      consumeHook: describeConsume,
      // A delivery kept unacked through an outage is still under way: its span ends with the ack or the channel,
      // not after a minute. Prefetch bounds how many there can be.
      consumeTimeoutMs: 0,
    },
    '@opentelemetry/instrumentation-ioredis': { requireParentSpan: true, dbStatementSerializer: commandText },
    // Lines get trace_id and span_id; they are read from stdout, not sent.
    '@opentelemetry/instrumentation-pino': {
      disableLogSending: true,
      // the same in every line: all is sampled
      logHook: (_span, record) => {
        record['trace_flags'] = undefined;
      },
    },
    '@opentelemetry/instrumentation-runtime-node': {},
  });
  const statements = new StatementInstrumentation({
    // Pollers would make root traces by the hundred.
    requireParentSpan: true,
    ignoreConnectSpans: true,
    requestHook: nameQuery,
  });
  return [...others, statements];
}

/** Whether a request goes to a service through the sidecar: then the `Host` is that service, and the address the sidecar's. */
function isToPeer(request: object): boolean {
  return 'host' in request && typeof request.host === 'string' && serviceNames.has(request.host);
}

/** Of what a client chooses, only what the API is made of stands on the span: not its `Host`, not its name of itself. */
function withholdRequest(span: Span, request: object): void {
  if (!('url' in request) || typeof request.url !== 'string') return;
  const [path = '', query] = tellable(request.url).split('?');
  span.setAttributes({
    'url.path': path,
    'server.address': process.env['OTEL_SERVICE_NAME'] ?? withheld,
    'user_agent.original': withheld,
    ...(request.url.includes('?') ? { 'url.query': query ?? withheld } : {}),
  });
}

/**
 * `INSERT orders_db` instead of `pg.query:INSERT orders_db`; statements may begin with a line break. A value that was
 * not bound does not get into the span.
 */
function nameQuery(span: Span, { query, connection }: QueryInfo): void {
  span.setAttribute('db.query.text', statementText(query.text));
  const operation = /^\s*([a-z]+)/i.exec(query.text)?.[1]?.toUpperCase();
  if (operation === undefined) return;
  span.updateName(connection.database === undefined ? operation : `${operation} ${connection.database}`);
  span.setAttribute('db.operation.name', operation);
}
