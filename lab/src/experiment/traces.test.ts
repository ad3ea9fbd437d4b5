import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '@microshop/control/trace/verdict';
import { judgeTraces, seenTwice, stillKept } from './traces.ts';

/** A trace of which only this is asked; one that is not whole and lacks nothing has two roots. */
function trace(complete: boolean, missing: string[] = [], roots = missing.length > 0 ? 1 : 2): Verdict {
  return {
    trace_id: 'x',
    of: 'order',
    order_id: 1,
    complete,
    missing,
    roots: complete ? 1 : roots,
    orphans: complete ? 0 : 1,
    spans: [],
  };
}

test('traces are complete, incomplete, or not judged', async () => {
  const control = {
    trace: async (id: string) => {
      if (id === 'unknown') throw new Error('Jaeger does not answer');
      return id === 'whole' ? trace(true) : trace(false, id === 'relay' ? ['the relay'] : []);
    },
  };
  const {
    missing,
    incomplete_ids: ids,
    ...counts
  } = await judgeTraces(control, ['whole', 'relay', 'torn', 'unknown', 'whole'], { limitMs: 5 });
  assert.deepEqual(counts, { complete: 2, incomplete: 2, unprovable: 0, unjudged: 1 });
  assert.deepEqual([...ids].sort(), ['relay', 'torn']);
  assert.deepEqual([...missing].sort(), [
    'relay lacks the relay',
    'torn lacks the parents of 1 spans, or has 2 roots',
  ]);
});

test('one whose last spans are on their way is judged again', async () => {
  let asked = 0;
  const control = {
    trace: async () => {
      asked += 1;
      return trace(asked > 2);
    },
  };
  assert.deepEqual(await judgeTraces(control, ['late'], { limitMs: 5000 }), {
    complete: 1,
    incomplete: 0,
    unprovable: 0,
    unjudged: 0,
    missing: [],
    incomplete_ids: [],
  });
  assert.equal(asked, 3);
});

test('what a process that died was to write explains a trace, and nothing that another one lacks', async () => {
  const processes = 'products processes ORDER_CREATED';
  const writes = 'products writes products_db for ORDER_CREATED';
  const lacks: Readonly<Record<string, readonly string[]>> = {
    own: [processes],
    torn: [],
    orphans: [],
    other: ['orders publishes ORDER_CREATED'],
    both: [processes, 'users serves GET /api/users/:id'],
    name: ['products-sidecar takes GET /api/products'],
    redone: [writes],
  };
  const control = {
    trace: async (id: string) => trace(false, [...(lacks[id] ?? [])], id === 'torn' ? 2 : 1),
  };
  const judged = async (lossy: readonly string[]) => {
    const {
      incomplete,
      unprovable,
      incomplete_ids: ids,
    } = await judgeTraces(control, Object.keys(lacks), {
      lossy,
      limitMs: 5,
    });
    return { incomplete, unprovable, ids: [...ids].sort() };
  };
  assert.deepEqual(await judged(['products']), {
    incomplete: 4,
    unprovable: 3,
    ids: ['both', 'name', 'other', 'torn'],
  });
  // work that was redone in no trace stays a finding while another process dies
  assert.deepEqual(await judged(['orders']), {
    incomplete: 5,
    unprovable: 2,
    ids: ['both', 'name', 'own', 'redone', 'torn'],
  });
  assert.equal((await judged([])).incomplete, 7);
});

/** What a service served. */
const served = (service: string, name: string): Verdict['spans'][number] => ({
  trace_id: 'x',
  span_id: `${service} ${name} ${Math.random()}`,
  parent_id: null,
  service,
  name,
  kind: 'server',
  start_us: 0,
  duration_us: 1,
  error: false,
  attributes: {},
});

test('a trace that began after the last process was well again has lost nothing with it', async () => {
  const at = (ms: number): Verdict => ({
    ...trace(false, ['products processes ORDER_CREATED']),
    spans: [{ ...served('orders', 'POST /api/orders'), start_us: 1000 * ms }],
  });
  const began: Readonly<Record<string, number>> = { meanwhile: 5000, after: 5001 };
  const { incomplete_ids: ids, unprovable } = await judgeTraces(
    { trace: async (id: string) => at(began[id] ?? 0) },
    Object.keys(began),
    { lossy: ['products'], lossyUntil: 5000, limitMs: 5 },
  );
  assert.deepEqual([ids, unprovable], [['after'], 1]);
});

test('a request that the app was given again is named; reads, other services and what cannot be read are not', async () => {
  const post = () => served('orders', 'POST /api/orders');
  const spans: Readonly<Record<string, Verdict['spans']>> = {
    once: [post(), served('orders-sidecar', 'POST /api/orders'), served('orders', 'GET /api/orders/7')],
    twice: [post(), post()],
  };
  const control = {
    trace: async (id: string) => {
      const of = spans[id];
      if (of === undefined) throw new Error('Jaeger does not answer');
      return { ...trace(true), spans: of };
    },
  };
  assert.deepEqual(await seenTwice(control, ['once', '', 'twice', 'lost']), ['twice']);
  assert.deepEqual(await seenTwice(control, []), []);
  const many = Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? 'twice' : 'once'));
  assert.equal((await seenTwice(control, many)).length, 100, 'no more than a hundred are looked at');
});

test('traces that later requests, refused ones too, have pushed out of Jaeger are not judged', () => {
  const accepted = Array.from({ length: 1000 }, (_, index) => ({ t: index }));
  assert.deepEqual(stillKept(accepted, accepted), accepted);
  const refused = Array.from({ length: 3500 }, (_, index) => ({ t: 1000 + index }));
  const kept = stillKept(accepted, [...refused, ...accepted]);
  assert.deepEqual([kept.length, kept[0]], [500, { t: 500 }]);
});
