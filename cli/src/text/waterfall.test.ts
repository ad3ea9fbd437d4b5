import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Span } from '@microshop/control/trace/span';
import { recordedOrder } from '@microshop/control/trace/testing/recorded';
import { judgeOrder, judgeTrace } from '@microshop/control/trace/verdict';
import { traceRows } from '@microshop/control/trace/waterfall';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { attributes } from '@microshop/topology';
import { duration, waterfall } from './waterfall.ts';

/** Lines as they look, colours taken off. */
function drawn(spans: readonly Span[]): string[] {
  return waterfall(judgeOrder(spans)).map(stripVTControlCharacters);
}

test('every span and every wait has a line of at most 100 columns', () => {
  const spans = recordedOrder();
  const lines = drawn(spans);
  assert.deepEqual(
    lines.filter((line) => [...line].length > 100),
    [],
  );
  const rows = lines.slice(lines.findIndex((line) => line.startsWith('service')) + 1, lines.lastIndexOf(''));
  const waits = rows.filter((line) => / wait in the (outbox|queue) /.test(line));
  assert.equal(waits.length, 4);
  assert.equal(rows.length, spans.length + waits.length);
  assert.equal(lines.at(-1), 'complete: one root, no orphan, no hop missing');
});

test('a minute in the outbox is shown, and does not hide the work around it', () => {
  const minuteUs = 60_000_000;
  const late = recordedOrder();
  const published = late.find((span) => span.name === 'publish order.created');
  assert.ok(published !== undefined);
  const spans = late.map((span) => {
    if (span.start_us < published.start_us) return span;
    const moved = { ...span, start_us: span.start_us + minuteUs };
    if (span !== published) return moved;
    return { ...moved, attributes: { ...span.attributes, [attributes.outboxWaitMs]: 60_000 } };
  });
  const lines = drawn(spans);
  assert.ok(
    lines.some((line) => /orders +wait in the outbox +1 min 0 s/.test(line)),
    lines.join('\n'),
  );
  assert.ok(lines.some((line) => line.startsWith('┊') && line.includes('cut short')));
  const widest = Math.max(...lines.map((line) => line.match(/█+/)?.[0].length ?? 0));
  assert.ok(widest > 5, 'the work can still be seen');
});

test('of two spans that seem to start together, the one that ended first came first', () => {
  const spans = recordedOrder();
  const begin = spans.find((span) => span.name === 'BEGIN products_db');
  const next = spans.find((span) => span.name === 'INSERT products_db');
  assert.ok(begin !== undefined && next !== undefined);
  const together = spans.map((span) =>
    span === next
      ? { ...span, start_us: begin.start_us, duration_us: 2000 }
      : span === begin
        ? { ...span, duration_us: 500 }
        : span,
  );
  const names = drawn(together.toReversed()).flatMap(
    (line) => /(BEGIN|INSERT) products_db/.exec(line)?.[1] ?? [],
  );
  assert.equal(names[0], 'BEGIN');
});

test('errors are marked with status, flags and class', () => {
  const spans = recordedOrder().map((span) =>
    span.name === 'try 1 of users'
      ? { ...span, error: true, attributes: { 'http.response.status_code': 503, response_flags: 'UF' } }
      : span,
  );
  assert.ok(drawn(spans).some((line) => line.includes('try 1 of users ✗ 503 UF')));
});

test('where there is little room the name is cut, then the class of the error, never status and flags', () => {
  const [some] = recordedOrder();
  assert.ok(some !== undefined);
  const told = (name: string, known: Span['attributes']) => {
    const span: Span = { ...some, service: 'orders', parent_id: null, name, error: true, attributes: known };
    const line = waterfall(judgeTrace([span])).map(stripVTControlCharacters)[3] ?? '';
    return line.slice(17, 59).trim();
  };
  const failed = { 'http.response.status_code': 503, response_flags: 'FI' };
  const path = `inbound GET /api/products/${'1'.repeat(30)}`;
  assert.match(told(path, failed), /^inbound GET \/api\/products\/1+… ✗ 503 FI$/);
  const unavailable = { ...failed, [attributes.errorClass]: 'dependency_unavailable' };
  assert.match(told('call products by way of all', unavailable), /^call products by way of all ✗ 503 FI$/);
  assert.match(told('call products', unavailable), /^call products ✗ 503 FI dependency_unavail…$/);
  const open = { [attributes.errorClass]: 'breaker_open', [attributes.breakerState]: 'open' };
  assert.equal(told('call users', open), 'call users ✗ breaker_open', 'said once');
});

test('what is missing is named below, and what lost its parent is still drawn', () => {
  const spans = recordedOrder().filter((span) => span.name !== 'call users');
  const lines = drawn(spans);
  assert.ok(lines.includes('INCOMPLETE'));
  assert.ok(lines.includes('  missing: orders calls users (breaker)'));
  assert.ok(lines.some((line) => line.includes('orphan')));
  assert.ok(lines.some((line) => line.startsWith('orders-sidecar   outbound GET users')));
});

test('a row names Redis, the table of a statement that begins with WITH, and the replica', () => {
  const [some] = recordedOrder();
  assert.ok(some !== undefined);
  const told = (name: string, known: Span['attributes']) => {
    const span: Span = { ...some, service: 'orders', parent_id: null, name, error: false, attributes: known };
    const line = waterfall(judgeTrace([span])).map(stripVTControlCharacters)[3] ?? '';
    return line.slice(0, 59).replaceAll(/ +/g, ' ').trim();
  };
  const statement = (text: string) => ({ 'db.operation.name': 'WITH', 'db.query.text': text });
  assert.equal(told('mget', { 'db.system.name': 'redis' }), 'orders redis mget');
  assert.equal(
    told('WITH orders_db', statement('with placed as (\n insert into "orders" (id) select 1 from x)')),
    'orders WITH orders_db.orders',
  );
  assert.equal(
    told('WITH orders_db', statement('with a as (select 1 from lines)')),
    'orders WITH orders_db.lines',
  );
  assert.equal(told('WITH orders_db', statement('with a as (select 1)')), 'orders WITH orders_db');
  assert.equal(told('GET', { 'service.instance.id': 'orders-2' }), 'orders-2 GET');
});

test('of every statement of the shop that begins with WITH the row names a table', () => {
  const [some] = recordedOrder();
  assert.ok(some !== undefined);
  const rooms = ['services/orders/src/store', 'services/products/src/store', 'packages/events/src'];
  const sources = rooms
    .flatMap((room) => globSync(`${room}/*.ts`, { cwd: repositoryRoot }))
    .map((file) => readFileSync(`${repositoryRoot}/${file}`, 'utf8'));
  const found = (pattern: RegExp) =>
    sources.flatMap((source) => [...source.matchAll(pattern)].map(([, text = '']) => text));
  const tables = new Set(found(/create table (?:if not exists )?(\w+)/g));
  const statements = found(/`\s*(with\s[^`]*)`/g);
  assert.ok(statements.some((text) => text.includes('for no key update skip locked')));
  for (const text of statements) {
    const attributes = { 'db.operation.name': 'WITH', 'db.query.text': text };
    const [row] = traceRows([{ ...some, parent_id: null, name: 'WITH', error: false, attributes }]);
    const [, table = ''] = row?.name.split('.') ?? [];
    assert.ok(tables.has(table), `"${table}" of ${text}`);
  }
});

test('no spans, no drawing', () => {
  assert.deepEqual(waterfall(judgeTrace([])), ['Jaeger holds no span of it']);
});

test('durations are short and have their unit', () => {
  const shown = [940, 3200, 41_700, 1_250_000, 125_000_000].map(duration);
  assert.deepEqual(shown, ['940 µs', '3.2 ms', '41.7 ms', '1.25 s', '2 min 5 s']);
});

test('a repeat names the order it repeats', () => {
  const spans = recordedOrder()
    .filter((span) => span.service === 'orders' && span.kind === 'server')
    .map((span) => ({ ...span, attributes: { ...span.attributes, 'shop.order.repeated': true } }));
  const lines = waterfall(judgeTrace(spans)).map(stripVTControlCharacters);
  const [told, next] = lines.slice(lines.findIndex((line) => line.startsWith('a repeat')));
  assert.match(told ?? '', /^a repeat of order 2: /);
  assert.equal(next, '  ./mesh trace 2 shows how it was placed');
  assert.ok(lines.every((line) => line.length <= 100));
});
