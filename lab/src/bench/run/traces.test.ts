import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceReader } from '@microshop/control/trace/jaeger';
import type { Span } from '@microshop/control/trace/span';
import { recordedOrder } from '@microshop/control/trace/testing/recorded';
import { brokenTrace } from './traces.ts';

/** A store in which each trace has what `spansOf` gives at that reading of it, 1, 2, …. */
function store(spansOf: (traceId: string, reading: number) => readonly Span[]): Pick<TraceReader, 'trace'> {
  const readings = new Map<string, number>();
  return {
    trace: async (traceId) => {
      const reading = (readings.get(traceId) ?? 0) + 1;
      readings.set(traceId, reading);
      return [...spansOf(traceId, reading)];
    },
  };
}

const recorded = recordedOrder();
const withoutProducts = recorded.filter((span) => span.service !== 'products');

test('orders whose spans arrive in time are traced whole', async () => {
  const traces = store((_traceId, reading) => (reading === 1 ? [] : recorded));
  assert.equal(await brokenTrace(traces, ['one', 'two']), undefined);
});

test('one order of many that is not traced whole is named, with what is missing', async () => {
  const traces = store((traceId) => (traceId === 'lost' ? withoutProducts : recorded));
  const ids = [...Array.from({ length: 20 }, (_, index) => `whole ${index}`), 'lost'];
  assert.match((await brokenTrace(traces, ids, 150)) ?? '', /Trace lost is not whole.*products/);
});

test('a run that should trace and names no trace is not taken for a whole one', async () => {
  const traces = store(() => recorded);
  assert.match((await brokenTrace(traces, [])) ?? '', /No order has a trace/);
});
