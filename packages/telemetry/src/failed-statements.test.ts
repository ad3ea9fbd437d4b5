import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { failedStatements } from './failed-statements.ts';

test('a failed statement tells what went wrong, and not with which value', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [failedStatements, new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('test');
  const end = (system: string, message: string) => {
    const span = tracer.startSpan('s', { attributes: { 'db.system.name': system } });
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    span.end();
  };
  end('postgresql', 'invalid input syntax for type integer: "secret"');
  end('postgresql', 'duplicate key value violates unique constraint "users_email_key"');
  end('other', 'no queue "products.orders"');
  assert.deepEqual(
    exporter.getFinishedSpans().map(({ status }) => status.message),
    [
      'invalid input syntax for type integer: "?"',
      'duplicate key value violates unique constraint "users_email_key"',
      'no queue "products.orders"',
    ],
  );
  await provider.shutdown();
});
