/**
 * Nobody outside chooses a name or a label: whatever a client makes up, no series of Prometheus and no span's name has
 * it. The list of who chooses which is in docs/reference/telemetry.md.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { before, test } from 'node:test';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { mesh } from '../harness/mesh.ts';
import { askPrometheus } from '../harness/prometheus.ts';
import { inTime, request } from '../harness/shop.ts';

/** Stands in everything that is made up here, in no name of ours. */
const marker = 'zqx';
const madeUp = Array.from({ length: 40 }, (_, at) => `${marker}${at}`);
const parts = [
  'gateway',
  'users-sidecar',
  'users',
  'products-sidecar',
  'products',
  'orders-sidecar',
  'orders',
];

/** Statuses of a shop that is too busy: nothing here asks for them. */
const ofBusyShop: readonly number[] = [503, 504];

/** The status of a request over HTTP/2, where a method may be any word; 0 when the stream was reset. Asks until it is answered in time. */
function ask(headers: Readonly<Record<string, string>>): Promise<number> {
  return eventually('an answer in time', async () => {
    const status = await askOnce(headers);
    return ofBusyShop.includes(status) ? undefined : status;
  });
}

async function askOnce(headers: Readonly<Record<string, string>>): Promise<number> {
  const session = connect(mesh.gateway);
  session.on('error', () => undefined);
  try {
    const stream = session.request({ ':path': '/api/users/1', ...headers }, { endStream: true });
    let status = 0;
    stream.on('response', (answer) => {
      status = answer[':status'] ?? 0;
    });
    stream.on('error', () => undefined);
    stream.resume();
    await new Promise((resolve) => stream.on('close', resolve));
    return status;
  } finally {
    session.destroy();
  }
}

/** Names of the spans of a service that Jaeger knows. */
async function spanNames(service: string): Promise<readonly string[]> {
  const response = await fetch(`${mesh.jaeger}/api/services/${service}/operations`);
  const { data }: { data: string[] | null } = JSON.parse(await response.text());
  return data ?? [];
}

/** Requests of the gateway's route for refused methods that have come to Prometheus, by what is made of their spans. */
async function refusedCounted(): Promise<number> {
  const { result } = await askPrometheus<{ result: { value: [number, string] }[] }>('/api/v1/query', {
    query: 'sum(traces_span_metrics_calls_total{span_name="refused method"})',
  });
  return Number(result[0]?.value[1] ?? 0);
}

before(async () => {
  const counted = await refusedCounted();
  for (const word of madeUp) {
    assert.equal(await ask({ ':method': word.toUpperCase() }), 405);
    assert.equal(await ask({ ':method': word, ':path': `/${word}` }), 405);
    assert.equal(await ask({ ':authority': word }), 200);
    assert.equal(await ask({ ':path': `/api/users/${word}` }), 400);
    assert.equal(await ask({ ':path': `/api/orders/${word}/${word}` }), 404);
    assert.equal(await ask({ ':path': `/${word}` }), 404);
    await ask({ ':scheme': word });
    const said = {
      'user-agent': word,
      'x-forwarded-proto': word,
      'x-forwarded-host': word,
      'x-shop-origin': word,
      'x-mesh-caller': word,
      'x-envoy-downstream-service-cluster': word,
      'x-envoy-decorator-operation': word,
      'x-request-id': word,
      traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
      tracestate: `${word}=${word}`,
      baggage: `shop.origin=${word},${word}=${word}`,
    };
    assert.equal(await ask(said), 200);
    const order = { user_id: 1, product_id: 1, quantity: 1, [word]: word };
    const named = await inTime(() => request('POST', '/api/orders', order, { 'x-shop-origin': word }));
    assert.equal(named.status, 400);
  }
  await eventuallyDespiteErrors(
    'what was sent is counted',
    async () => ((await refusedCounted()) >= counted + 2 * madeUp.length ? true : undefined),
    120_000,
  );
});

test('no span has a made-up name', async () => {
  for (const part of parts) {
    const names = await spanNames(part);
    assert.ok(names.length > 0, part);
    assert.deepEqual(
      names.filter((name) => name.toLowerCase().includes(marker)),
      [],
      part,
    );
  }
});

test('no label of any series has a made-up value', async () => {
  const labels = await askPrometheus<string[]>('/api/v1/labels');
  assert.ok(labels.includes('span_name'));
  for (const label of labels) {
    const values = await askPrometheus<string[]>(`/api/v1/label/${label}/values`);
    assert.deepEqual(
      values.filter((value) => value.toLowerCase().includes(marker)),
      [],
      label,
    );
  }
});
