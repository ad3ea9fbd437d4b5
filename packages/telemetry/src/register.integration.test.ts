import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './testing/otlp-receiver.ts';
import { until } from './testing/until.ts';

type Line = Record<string, unknown>;

interface App {
  readonly url: string;
  readonly stdout: Line[];
  readonly stderr: Line[];
  /** Ends it as the runner does and waits for the last line. */
  end(): Promise<void>;
}

/** The fixture under the bootstrap, sending to `collector`. */
async function startApp(
  t: TestContext,
  collector: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<App> {
  const child = spawn(process.execPath, ['--import', path('register.ts'), path('testing/traced-app.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      // what ./mesh sets: it starts on code that was compiled before
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      OTEL_SERVICE_NAME: 'orders',
      OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=orders-1,deployment.environment.name=native',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      ...extra,
    },
  });
  t.after(() => child.kill('SIGKILL'));
  const stdout = linesOf(child.stdout);
  const stderr = linesOf(child.stderr);
  await until('the app listens', () => stdout.some((line) => line['msg'] === 'ready'));
  const url = stdout.find((line) => line['msg'] === 'ready')?.['url'];
  return {
    url: String(url),
    stdout,
    stderr,
    end: async () => {
      child.kill('SIGTERM');
      await exited(child);
    },
  };
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

function linesOf(stream: NodeJS.ReadableStream): Line[] {
  const lines: Line[] = [];
  createInterface({ input: stream }).on('line', (text) => {
    try {
      const line: unknown = JSON.parse(text);
      lines.push(typeof line === 'object' && line !== null ? { ...line } : { text });
    } catch {
      lines.push({ text });
    }
  });
  return lines;
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise<void>((resolve) => child.once('close', () => resolve()));
  }
}

/** Spans are sent each second; those of OpenTelemetry's default are sent each 5 s. Milliseconds. */
const soonMs = 4000;

/** What a sending takes that nobody answers, milliseconds (`exportTimeoutMs` in bootstrap.ts): no request may wait for it. */
const sendingMs = 3000;

/** Less than a flush takes to which nobody answers and that has no limit (shutdown.ts), milliseconds. */
const unlimitedFlushMs = 10_000;

const callerTrace = '0af7651916cd43dd8448eb211c80319c';
const callerSpan = 'b7ad6b7169203331';

async function order(app: App, id: string): Promise<Response> {
  return fetch(`${app.url}/api/orders/${id}`, {
    method: 'POST',
    headers: { traceparent: `00-${callerTrace}-${callerSpan}-01` },
  });
}

function only(spans: readonly ReceivedSpan[], name: string, kind: string): ReceivedSpan {
  const found = spans.filter((span) => span.name === name && span.kind === kind);
  const [first] = found;
  assert.equal(
    found.length,
    1,
    `${kind} ${name}: ${spans.map((span) => `${span.kind} ${span.name}`).join(', ')}`,
  );
  assert.ok(first !== undefined);
  return first;
}

async function collector(t: TestContext): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.close());
  return receiver;
}

describe('the bootstrap, loaded with --import', () => {
  it('makes one trace of a request, its calls and its log lines', async (t) => {
    const { url, spans, points } = await collector(t);
    const app = await startApp(t, url);
    assert.equal((await fetch(`${app.url}/health/live`)).status, 200);
    const response = await order(app, '7');
    assert.equal(response.status, 200);
    const propagated: unknown = await response.json();
    await until('a breaker was measured', () =>
      points.some((point) => point.metric === 'shop.breaker.state'),
    );
    await app.end();

    const trace = spans.filter((span) => span.traceId === callerTrace);
    assert.deepEqual(
      spans.filter((span) => span.traceId !== callerTrace).map((span) => span.name),
      [],
      'health checks leave no spans',
    );

    const server = only(
      trace.filter((span) => span.parentSpanId === callerSpan),
      'POST /api/orders/:id',
      'SERVER',
    );
    assert.equal(server.attributes['http.route'], '/api/orders/:id');
    assert.equal(server.attributes['http.request.method'], 'POST');
    assert.equal(server.attributes['http.response.status_code'], 200);
    assert.deepEqual(
      { ...server.resource, 'telemetry.sdk.version': '' },
      {
        'service.name': 'orders',
        'service.instance.id': 'orders-1',
        'deployment.environment.name': 'native',
        'telemetry.sdk.language': 'nodejs',
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.version': '',
      },
    );

    const calls = trace.filter((span) => span.name === 'call users');
    assert.equal(calls.length, 5);
    for (const call of calls) {
      assert.equal(call.kind, 'CLIENT');
      assert.equal(call.parentSpanId, server.spanId);
      assert.equal(call.attributes['shop.peer'], 'users');
      assert.equal(call.attributes['shop.breaker.state'], 'closed');
      assert.equal(call.attributes['server.address'], 'users');
      assert.equal(call.attributes['peer.service'], 'users');
      assert.equal(call.attributes['http.response.status_code'], 200);
      const answered = only(
        trace.filter((span) => span.parentSpanId === call.spanId),
        'GET',
        'SERVER',
      );
      assert.ok(
        JSON.stringify(propagated).includes(call.spanId),
        'the peer got the context of its own request',
      );
      assert.equal(answered.traceId, callerTrace);
    }

    const lines = app.stdout.filter((line) => ['order', 'call to a peer'].includes(String(line['msg'])));
    assert.equal(lines.length, 6);
    for (const line of lines) assert.equal(line['trace_id'], callerTrace);
    assert.equal(lines.find((line) => line['msg'] === 'order')?.['span_id'], server.spanId);

    const durations = points.filter((point) => point.metric === 'http.server.request.duration');
    assert.ok(durations.some((point) => point.attributes['http.route'] === '/api/orders/:id'));
    assert.ok(
      durations.every((point) => point.bounds.includes(3.5)),
      'buckets around the deadline',
    );
    assert.ok(
      points.some(
        (point) =>
          point.metric === 'http.client.request.duration' && point.attributes['server.address'] === 'users',
      ),
    );
    const named = new Set(points.map((point) => point.metric));
    for (const name of ['nodejs.eventloop.utilization', 'process.cpu.time', 'process.memory.usage']) {
      assert.ok(named.has(name), name);
    }
    assert.deepEqual(app.stderr, []);
  });

  it('shows a failed call as one: class, exception and status', async (t) => {
    const { url, spans } = await collector(t);
    const app = await startApp(t, url);
    const response = await order(app, '503');
    assert.equal(response.status, 503);
    await app.end();
    const calls = spans.filter((span) => span.name === 'call users');
    assert.equal(calls.length, 5);
    for (const call of calls) {
      assert.equal(call.status, 2);
      assert.equal(call.attributes['shop.error_class'], 'dependency_unavailable');
      assert.equal(call.attributes['http.response.status_code'], 503);
      assert.deepEqual(call.events, ['exception']);
    }
  });

  it('makes no spans when they are switched off, hands the context of the caller on, and goes on measuring', async (t) => {
    const { url, spans, points } = await collector(t);
    const app = await startApp(t, url, { OTEL_TRACES_EXPORTER: 'none' });
    const propagated: unknown = await (await order(app, '7')).json();
    assert.ok(JSON.stringify(propagated).includes(`00-${callerTrace}-${callerSpan}-01`));
    await app.end();
    assert.deepEqual(spans, []);
    assert.ok(points.some((point) => point.metric === 'http.server.request.duration'));
  });

  it('makes no metrics when they are switched off, and goes on tracing', async (t) => {
    const { url, spans, points } = await collector(t);
    const app = await startApp(t, url, { OTEL_METRICS_EXPORTER: 'none' });
    await order(app, '7');
    await app.end();
    assert.deepEqual(points, []);
    assert.ok(spans.some((span) => span.kind === 'SERVER'));
  });

  it('sends finished spans within about a second, without being asked', async (t) => {
    const { url, spans } = await collector(t);
    const app = await startApp(t, url);
    const servers = () => spans.filter((span) => span.kind === 'SERVER').length;
    let quickestMs = Infinity;
    // the quickest counts: a busy machine holds up some
    for (let orders = 0; orders < 5 && quickestMs > soonMs; orders += 1) {
      const before = servers();
      await order(app, '7');
      const endedAt = performance.now();
      await until('the spans have come', () => servers() > before);
      quickestMs = Math.min(quickestMs, performance.now() - endedAt);
    }
    assert.ok(quickestMs <= soonMs, `${quickestMs} ms`);
    await app.end();
  });

  it('keeps 8192 finished spans at most while they cannot be sent, and counts those it drops', async (t) => {
    const receiver = await startOtlpReceiver({ holdTraces: true });
    t.after(() => receiver.close());
    const app = await startApp(t, receiver.url);
    const values = (metric: string, errorType?: string): number[] =>
      receiver.points
        .filter((point) => point.metric === metric && point.attributes['error.type'] === errorType)
        .map(({ value }) => value ?? Number.NaN);
    const dropped = (): number => Math.max(0, ...values('otel.sdk.processor.span.processed', 'queue_full'));
    // a request leaves 16 spans: the queue is full after some 550
    await until(
      'spans were dropped and counted',
      async () => {
        const answers = await Promise.all(Array.from({ length: 20 }, () => order(app, '7')));
        for (const answer of answers) {
          assert.equal(answer.status, 200);
          await answer.arrayBuffer();
        }
        return dropped() > 0;
      },
      180_000,
    );
    assert.deepEqual(new Set(values('otel.sdk.processor.span.queue.capacity')), new Set([8192]));
    const sizes = values('otel.sdk.processor.span.queue.size');
    assert.ok(sizes.length > 0 && sizes.every((size) => size <= 8192), `the queue held ${sizes.join(', ')}`);
    await app.end();
  });

  it('neither slows nor fails anything when the collector is unavailable: two lines, and an end in time', async (t) => {
    const gone = await startOtlpReceiver();
    await gone.close();
    const app = await startApp(t, gone.url);
    const slowest = { ms: 0 };
    // the time is the subject: several sendings of spans and of metrics fail in it, and are logged once each
    const end = Date.now() + 6000;
    while (Date.now() < end) {
      const startedAt = performance.now();
      const response = await order(app, '7');
      assert.equal(response.status, 200);
      await response.arrayBuffer();
      slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
      await sleep(50);
    }
    assert.ok(slowest.ms < sendingMs, `the slowest request took ${slowest.ms} ms`);
    const endedAt = performance.now();
    await app.end();
    assert.ok(performance.now() - endedAt < unlimitedFlushMs, 'the process ended in time');
    const flush = app.stdout.find((line) => line['msg'] === 'flushed')?.['flush_ms'];
    assert.ok(typeof flush === 'number' && flush < unlimitedFlushMs, `the flush took ${String(flush)} ms`);
    const told = app.stderr.map((line) => line['msg']);
    assert.deepEqual(
      [...told].sort(),
      [
        'telemetry: metrics cannot be sent and are dropped until the collector is back',
        'telemetry: spans cannot be sent and are dropped until the collector is back',
      ],
      JSON.stringify(app.stderr),
    );
  });
});
