/**
 * The short list of instrumentations. Everything the services touch and nothing else: the whole set of
 * auto-instrumentations doubles the CPU of a request.
 */

import { services } from '@microshop/topology';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { describeConsume, describePublish } from './messaging.ts';
import { commandText } from './statement.ts';
import { StatementInstrumentation } from './statement-spans.ts';

/**
 * Modules that the loader hooks wrap when ESM code imports them; what CommonJS code requires is caught without.
 * undici and the runtime metrics need none: they listen to diagnostics channels and performance observers.
 */
export const wrappedModules: readonly string[] = ['pg', 'amqplib', 'ioredis', 'pino'];

type Instrumentations = ReturnType<typeof getNodeAutoInstrumentations>;

const serviceNames: ReadonlySet<string> = new Set(services.map((service) => service.name));

/** Creates the instrumentations; they patch modules as these are loaded, so this runs before anything else. */
export function createInstrumentations(): Instrumentations {
  // An instrumentation that is not named here is off, whatever the environment says.
  process.env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] = 'undici,amqplib,ioredis,pino,runtime-node';
  delete process.env['OTEL_NODE_DISABLED_INSTRUMENTATIONS'];
  const others = getNodeAutoInstrumentations({
    '@opentelemetry/instrumentation-undici': {
      // a call to a peer has its span, and its duration, from the mesh client
      ignoreRequestHook: isToPeer,
    },
    '@opentelemetry/instrumentation-amqplib': {
      publishHook: describePublish,
      consumeHook: describeConsume,
      // A delivery kept unacked through an outage is still under way: its span ends with the ack or the channel,
      // not after a minute. Prefetch limits how many there can be.
      consumeTimeoutMs: 0,
    },
    '@opentelemetry/instrumentation-ioredis': { requireParentSpan: true, dbStatementSerializer: commandText },
    // Lines get trace_id and span_id; they are read from stdout, not sent.
    '@opentelemetry/instrumentation-pino': {
      disableLogSending: true,
      // the same in every line: everything is sampled
      logHook: (_span, record) => {
        record['trace_flags'] = undefined;
      },
    },
    '@opentelemetry/instrumentation-runtime-node': {},
  });
  return [...others, new StatementInstrumentation()];
}

/** Whether a request goes to a service through the sidecar: then the `Host` is that service, and the address the sidecar's. */
function isToPeer(request: object): boolean {
  return 'host' in request && typeof request.host === 'string' && serviceNames.has(request.host);
}
