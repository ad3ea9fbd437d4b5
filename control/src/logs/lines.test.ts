import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { linesOfTrace, traceOfOrder } from './lines.ts';

const ids = { placing: 'a'.repeat(32), other: 'b'.repeat(32) };

const line = (second: number, traceId: string, fields: object) =>
  JSON.stringify({ time: `2026-11-25T10:32:0${second}.000Z`, trace_id: traceId, ...fields });

/** A directory with these logs. */
async function logs(t: TestContext, files: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'logs-'));
  t.after(() => rm(directory, { recursive: true }));
  for (const [name, lines] of Object.entries(files))
    await writeFile(path.join(directory, name), `${lines.join('\n')}\n`);
  return directory;
}

test('the logs alone tell the trace an order was placed in, and its lines, also from the file before', async (t) => {
  const directory = await logs(t, {
    'gateway.log': [line(1, ids.placing, { msg: 'request' })],
    'orders.log.1': [line(2, ids.placing, { msg: 'order accepted', order_id: 7 })],
    'orders.log': [
      line(3, ids.placing, { msg: 'order ended', order_id: 7 }),
      line(4, ids.other, { msg: 'order was placed before, answering again', order_id: 7 }),
      line(5, ids.other, { msg: 'order accepted', order_id: 71 }),
      'no JSON, "order_id":7',
    ],
  });
  assert.equal(await traceOfOrder(directory, 7), ids.placing);
  assert.deepEqual(
    (await linesOfTrace(directory, ids.placing)).map(({ part }) => part),
    ['gateway', 'orders', 'orders'],
  );
  assert.equal(await traceOfOrder(directory, 1), undefined);
});

test('an order whose first line is gone is known by the next; of two of one number the last is meant', async (t) => {
  const ended = await logs(t, {
    'orders.log': [
      line(1, ids.placing, { msg: 'order ended', order_id: 7 }),
      line(2, ids.other, { msg: 'order was placed before, answering again', order_id: 7 }),
    ],
  });
  assert.equal(await traceOfOrder(ended, 7), ids.placing);
  const twice = await logs(t, {
    'orders.log': [
      line(1, ids.other, { msg: 'order accepted', order_id: 7 }),
      line(2, ids.placing, { msg: 'order accepted', order_id: 7 }),
    ],
  });
  assert.equal(await traceOfOrder(twice, 7), ids.placing);
});

test('a directory that is not there has no lines', async () => {
  assert.equal(await traceOfOrder(path.join(tmpdir(), 'no-such-logs'), 1), undefined);
});
