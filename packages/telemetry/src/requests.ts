/**
 * The span and the duration of each incoming request. `@opentelemetry/instrumentation-http` does this as well, for whatever a request
 * can be: it parses addresses and forwarded headers that are of no use behind a sidecar, and binds every listener of request
 * and response. That was half of the CPU of a short request (docs/performance.md); this is what is left for one that Envoy has sent.
 */
import { type IncomingMessage, Server, ServerResponse } from 'node:http';
import { tellable, withheld } from '@microshop/topology';
import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type RPCMetadata, RPCType, setRPCMetadata, suppressTracing } from '@opentelemetry/core';

/** Requests to these paths leave no span: a check every second would drown the orders. */
const healthPrefix = '/health/';

/** Methods that may be a label: those of RFC 9110 and PATCH; any other is `_OTHER`, as the conventions say. */
const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);

/** What spans and durations are made with. */
interface Instruments {
  readonly tracer: Tracer;
  readonly durations: Histogram;
}

/**
 * Traces what the HTTP servers of this process are asked from now on, in the context that the caller sent. A framework puts its route into the
 * `RPCMetadata` of the active context; it becomes `http.route` and part of the name.
 */
export function traceRequests(): void {
  const instruments: Instruments = {
    tracer: trace.getTracer('@microshop/telemetry'),
    durations: metrics.getMeter('@microshop/telemetry').createHistogram('http.server.request.duration', {
      description: 'Duration of HTTP server requests.',
      unit: 's',
    }),
  };
  const emit = Server.prototype.emit;
  Server.prototype.emit = function emitTraced(this: Server, event: string, ...args: unknown[]): boolean {
    const [request, response] = args;
    // of a server's events, only `request` has a response
    if (!(response instanceof ServerResponse) || event !== 'request' || !isRequest(request)) {
      return Reflect.apply(emit, this, [event, ...args]);
    }
    const own = contextOf(request, response, instruments);
    return context.with(own, () => Reflect.apply(emit, this, [event, ...args]));
  };
}

function isRequest(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'headers' in value && 'httpVersion' in value;
}

/** The context in which a request is handled; its span ends with the response. */
function contextOf(
  request: IncomingMessage,
  response: ServerResponse,
  { tracer, durations }: Instruments,
): Context {
  const { url = '/', headers } = request;
  if (url.startsWith(healthPrefix)) return suppressTracing(ROOT_CONTEXT);
  const began = performance.now();
  const asked = request.method ?? 'GET';
  const method = knownMethods.has(asked) ? asked : '_OTHER';
  const from = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer.startSpan(
    method === '_OTHER' ? 'HTTP' : method,
    { kind: SpanKind.SERVER, attributes: attributesOf(method, url) },
    from,
  );
  const rpc: RPCMetadata = { type: RPCType.HTTP, span };
  response.once('close', () => {
    if (rpc.route !== undefined)
      span.updateName(`${method} ${rpc.route}`).setAttribute('http.route', rpc.route);
    const outcome = endSpan(span, response.statusCode);
    durations.record((performance.now() - began) / 1000, {
      'http.request.method': method,
      ...(rpc.route === undefined ? {} : { 'http.route': rpc.route }),
      ...outcome,
    });
  });
  const own = setRPCMetadata(trace.setSpan(from, span), rpc);
  // The rest of a body comes later, in the context of the connection: its listeners bring theirs along.
  if (hasBody(headers)) context.bind(own, request);
  return own;
}

function hasBody(headers: IncomingMessage['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Of what a client chooses, only what the API is made of stands on the span. */
function attributesOf(method: string, url: string): Attributes {
  const [path = '', query] = tellable(url).split('?');
  const attributes: Attributes = { 'http.request.method': method, 'url.scheme': 'http', 'url.path': path };
  if (url.includes('?')) attributes['url.query'] = query ?? withheld;
  return attributes;
}

/** Ends it with the status of the answer; what it was is an attribute of the duration as well. */
function endSpan(span: Span, status: number): Attributes {
  const outcome: Attributes = { 'http.response.status_code': status };
  if (status >= 500) {
    outcome['error.type'] = String(status);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.setAttributes(outcome).end();
  return outcome;
}
