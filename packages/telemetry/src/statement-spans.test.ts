import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { StatementInstrumentation } from './statement-spans.ts';

context.setGlobalContextManager(new AsyncLocalStorageContextManager());
const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
trace.setGlobalTracerProvider(provider);
after(() => provider.shutdown());

/** In the place of `pg`'s client: answers as that does, and fails where the statement says so. */
class Client {
  readonly database = 'orders_db';

  query(statement: unknown, ...rest: readonly unknown[]): unknown {
    const text =
      typeof statement === 'object' && statement !== null && 'text' in statement ? statement.text : statement;
    const failed = String(text).includes('fail');
    const error = Object.assign(new Error('invalid input syntax for type integer: "secret"'), {
      code: '22P02',
    });
    const callback = rest.at(-1);
    if (typeof callback === 'function') {
      setImmediate(() => (failed ? callback(error) : callback(null, { rows: [] })));
      return undefined;
    }
    return failed ? Promise.reject(error) : Promise.resolve({ rows: [1] });
  }
}

/** The definition that the loader hook would apply to `pg` when it is loaded. */
class Applied extends StatementInstrumentation {
  apply(loaded: object): void {
    const definitions = this.init();
    assert.deepEqual(
      definitions.map(({ name }) => name),
      ['pg'],
    );
    definitions[0]?.patch?.(loaded);
  }
}

new Applied().apply({ Client });
const client = new Client();
const tracer = trace.getTracer('test');

/** Spans that were made below one that is active meanwhile. */
async function below(work: () => Promise<unknown>) {
  exporter.reset();
  const parent = tracer.startSpan('parent');
  await context.with(trace.setSpan(context.active(), parent), work);
  return exporter.getFinishedSpans().map((span) => {
    assert.equal(span.parentSpanContext?.spanId, parent.spanContext().spanId);
    return span;
  });
}

test('a statement is a span with its shape, and gives what it gave', async () => {
  const [span, ...others] = await below(async () => {
    assert.deepEqual(await client.query({ text: `\n select 'secret' from orders`, values: [] }), {
      rows: [1],
    });
  });
  assert.deepEqual(others, []);
  assert.equal(span?.name, 'SELECT orders_db');
  assert.equal(span.kind, SpanKind.CLIENT);
  assert.deepEqual(span.attributes, {
    'db.system.name': 'postgresql',
    'db.namespace': 'orders_db',
    'db.operation.name': 'SELECT',
    'db.query.text': ' select ? from orders',
  });
});

test('a statement that fails says why, and not with which value', async () => {
  const [span] = await below(() => assert.rejects(async () => await client.query('insert fail'), /secret/));
  assert.equal(span?.name, 'INSERT orders_db');
  assert.deepEqual(span.status, {
    code: SpanStatusCode.ERROR,
    message: 'invalid input syntax for type integer: "?"',
  });
  assert.equal(span.attributes['error.type'], '22P02');
  assert.ok(!JSON.stringify(span.events).includes('secret'));
  assert.equal(span.events.length, 1);
});

test('what opens a transaction has a span when it fails, of the time that it took', async () => {
  const spans = await below(async () => {
    await client.query('begin; set local lock_timeout = 100');
    await assert.rejects(async () => await client.query('begin fail'));
  });
  assert.deepEqual(
    spans.map(({ name, status }) => [name, status.code]),
    [['BEGIN orders_db', SpanStatusCode.ERROR]],
  );
});

test('a callback is called in the context of its statement, with its error or its rows', async () => {
  for (const [text, code] of [
    ['select 1', SpanStatusCode.UNSET],
    ['select fail', SpanStatusCode.ERROR],
  ] as const) {
    const seen = Promise.withResolvers<unknown>();
    let parent: unknown;
    const [span] = await below(async () => {
      parent = trace.getActiveSpan();
      client.query(text, (error: unknown) => seen.resolve([error === null, trace.getActiveSpan()]));
      await seen.promise;
    });
    assert.deepEqual(await seen.promise, [code === SpanStatusCode.UNSET, parent]);
    assert.equal(span?.status.code, code);
  }
});

test('a statement of nobody leaves no span, nor does one without a text', async () => {
  exporter.reset();
  assert.deepEqual(await client.query('select 1'), { rows: [1] });
  assert.deepEqual(exporter.getFinishedSpans(), []);
  assert.deepEqual(await below(async () => client.query({ submit() {} })), []);
});

test('a client that is patched twice makes one span', async () => {
  new Applied().apply({ default: { Client } });
  assert.equal((await below(async () => client.query('select 1'))).length, 1);
});
