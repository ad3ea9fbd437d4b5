import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { attributes, edgeBetween } from '@microshop/topology';
import { readEdgeTraces } from './edge-traces.ts';

const edge = edgeBetween('orders', 'products');

/** A trace of one call over the edge, as Jaeger answers it. */
function traceOf(id: string, second: number, status: number, orderId?: number) {
  const tags = [
    { key: attributes.peer, type: 'string', value: 'products' },
    { key: 'http.status_code', type: 'string', value: String(status) },
    ...(status >= 500 ? [{ key: 'error', type: 'string', value: 'true' }] : []),
    ...(orderId === undefined ? [] : [{ key: attributes.orderId, type: 'int64', value: orderId }]),
  ];
  const span = {
    ...{ traceID: id, spanID: `${id}1`, operationName: 'to products', processID: 'p1' },
    ...{ startTime: second * 1_000_000, duration: second * 1000, references: [], tags },
  };
  return {
    traceID: id,
    spans: [span],
    processes: { p1: { serviceName: 'orders-sidecar', tags: [] } },
  };
}

/** A Jaeger that finds, of these, what bears the tags that are asked for; the youngest first. */
async function jaeger(t: TestContext, traces: readonly ReturnType<typeof traceOf>[], youngest: number) {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const wanted: Record<string, string> = JSON.parse(searchParams.get('tags') ?? '{}');
    const data = traces
      .filter(({ spans }) =>
        Object.entries(wanted).every(([key, value]) =>
          spans.some(({ tags }) => tags.some((tag) => tag.key === key && tag.value === value)),
        ),
      )
      .toSorted((one, other) => (other.spans[0]?.startTime ?? 0) - (one.spans[0]?.startTime ?? 0))
      .slice(0, youngest);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}

test('the slowest come first, and failed ones are found behind many younger that did not fail', async (t) => {
  const many = Array.from({ length: 20 }, (_, index) => traceOf(`a${index}`, 100 + index, 200, 1 + index));
  const url = await jaeger(t, [traceOf('f1', 10, 503), traceOf('f2', 12, 504, 77), ...many], 20);
  const { slowest, failed } = await readEdgeTraces(url, edge);
  assert.deepEqual(
    slowest.map(({ trace_id, took_ms, order_id }) => [trace_id, took_ms, order_id]),
    [119, 118, 117, 116, 115].map((took) => [`a${took - 100}`, took, took - 99]),
  );
  assert.deepEqual(
    failed.map(({ trace_id, order_id }) => [trace_id, order_id]),
    [
      ['f2', 77],
      ['f1', null],
    ],
  );
});

test('a failure of another status is found among the youngest, and once', async (t) => {
  const url = await jaeger(t, [traceOf('f1', 10, 500), traceOf('f2', 12, 503), traceOf('a', 14, 200)], 20);
  const { failed } = await readEdgeTraces(url, edge);
  assert.deepEqual(
    failed.map(({ trace_id }) => trace_id),
    ['f2', 'f1'],
  );
});
