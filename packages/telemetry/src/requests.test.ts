import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { traceRequests } from './requests.ts';
import { until } from './testing/until.ts';

const callerTrace = '0af7651916cd43dd8448eb211c80319c';
const callerSpan = 'b7ad6b7169203331';

const exporter = new InMemorySpanExporter();
let answer: (incoming: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
const server = createServer((incoming, response) => answer(incoming, response));

before(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  traceRequests();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

after(() => server.close());

/** Asks, in those pieces, and gives the span that was made of it. */
async function asked(method: string, path: string, pieces: readonly string[] = []): Promise<ReadableSpan> {
  exporter.reset();
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const headers = { traceparent: `00-${callerTrace}-${callerSpan}-01`, 'user-agent': 'somebody' };
  const outgoing = request({ port: address.port, host: '127.0.0.1', method, path, headers });
  for (const piece of pieces) {
    await new Promise((resolve) => outgoing.write(piece, resolve));
    // each in a read of its own
    await new Promise((resolve) => setImmediate(resolve));
  }
  const answered = once(outgoing, 'response');
  outgoing.end();
  const [response] = await answered;
  response.resume();
  await until('the span has ended', () => exporter.getFinishedSpans().length > 0, 5000);
  const [span, ...others] = exporter.getFinishedSpans();
  assert.ok(span !== undefined);
  assert.deepEqual(others, []);
  return span;
}

test('a request is a span below that of its caller, with what the conventions ask for and nothing of the client', async () => {
  answer = (_, response) => response.writeHead(201).end();
  const span = await asked('GET', '/api/users/7?limit=3');
  assert.equal(span.kind, SpanKind.SERVER);
  assert.equal(span.spanContext().traceId, callerTrace);
  assert.equal(span.parentSpanContext?.spanId, callerSpan);
  assert.equal(span.name, 'GET');
  assert.deepEqual(span.attributes, {
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'url.path': '/api/users/7',
    'url.query': 'limit=3',
    'http.response.status_code': 201,
  });
  assert.equal(span.status.code, SpanStatusCode.UNSET);
  const secret = await asked('GET', '/secret?password=secret');
  assert.equal(secret.attributes['url.path'], '(withheld)');
  assert.equal(secret.attributes['url.query'], '(withheld)');
});

test('an answer of 5xx is an error, a 4xx is none', async () => {
  answer = (_, response) => response.writeHead(503).end();
  const failed = await asked('GET', '/api/users');
  assert.equal(failed.status.code, SpanStatusCode.ERROR);
  assert.equal(failed.attributes['error.type'], '503');
  answer = (_, response) => response.writeHead(404).end();
  const missing = await asked('GET', '/api/users');
  assert.equal(missing.status.code, SpanStatusCode.UNSET);
  assert.equal(missing.attributes['error.type'], undefined);
});

test('an answer that the client did not wait for ends its span', async () => {
  answer = (incoming) => incoming.socket.destroy();
  await assert.rejects(asked('GET', '/api/users'));
  await until('the span has ended', () => exporter.getFinishedSpans().length === 1, 5000);
});

test('a method that is not known is no name', async () => {
  answer = (_, response) => response.end();
  const span = await asked('PURGE', '/api/users');
  assert.equal(span.name, 'HTTP');
  assert.equal(span.attributes['http.request.method'], '_OTHER');
});

test('what reads a body that comes in pieces is in the context of its request', async () => {
  const seen: (string | undefined)[] = [];
  const note = () => seen.push(trace.getActiveSpan()?.spanContext().spanId);
  answer = (incoming, response) => {
    note();
    incoming.on('data', note);
    incoming.once('end', () => {
      note();
      response.end();
    });
  };
  const span = await asked('POST', '/api/orders', ['one', 'two']);
  assert.ok(seen.length >= 4, `${seen.length}`);
  assert.deepEqual(new Set(seen), new Set([span.spanContext().spanId]));
});

test('a health check leaves no span, nor does what it asks', async () => {
  let suppressed = false;
  answer = (_, response) => {
    suppressed = isTracingSuppressed(context.active());
    response.end('well');
  };
  exporter.reset();
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const outgoing = request({ port: address.port, host: '127.0.0.1', path: '/health/ready' }).end();
  const [response] = await once(outgoing, 'response');
  assert.equal(await text(response), 'well');
  assert.ok(suppressed);
  assert.deepEqual(exporter.getFinishedSpans(), []);
});
