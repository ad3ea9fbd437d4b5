import assert from 'node:assert/strict';
import { test } from 'node:test';
import { misfit, missing } from './shape.ts';

const same: readonly (readonly [name: string, printed: string, shown: readonly string[]])[] = [
  [
    'numbers and money',
    'order 1279: 12 of product 3, 24.90 in all',
    ['order 1: 1 of product 1, 7.10 in all'],
  ],
  [
    'ids',
    'trace 2c6588e2357450a0f0535d63c1ce90c6 f0c29cdf-f831-4178-89d8-1286bbb81c04',
    ['trace c07f152c7cc547e07296b7bdc99de3fe 00c29cdf-f831-4178-89d8-1286bbb81c00'],
  ],
  ['durations in other units', 'took 1.14 s, 989 µs, 2 min 3 s', ['took 46.0 ms, 3 ms, 4 min']],
  ['times', 'at 10:32:10.810, 2026-11-25T04:42:04Z', ['at 01:02:03.004, 2025-01-02T03:04:05.678Z']],
  ['addresses and ports', 'http://127.0.0.1:8480/x', ['http://127.0.0.1:8080/x']],
  ['the width of columns, and blank lines', 'a   1\n\nb  2\n', ['', 'a 2', '', 'b     3']],
  ['bars', 'x 1 ms   ██░', ['x 2 ms █████']],
  ['names to be filled in', 'order 7 is CONFIRMED', ['order <n> is CONFIRMED']],
  ['a gap', 'a\nb\nc\nd', ['a', '…', 'd']],
  ['a gap within a line', 'a b c', ['a …']],
  ['two lines of a shape stand for one', 'row 1', ['row 1', 'row 2']],
  ['two lines of a shape stand for many', 'row 1\nrow 3\nrow 4\nend', ['row 1', 'row 2', 'end']],
];

for (const [name, printed, shown] of same) {
  test(`of one shape: ${name}`, () => assert.equal(misfit(printed, shown), undefined));
}

const different: readonly (readonly [
  name: string,
  printed: string,
  shown: readonly string[],
  wrong: RegExp,
])[] = [
  ['another word', 'order 1 is REJECTED', ['order 1 is CONFIRMED'], /no line like "order 1 is CONFIRMED"/],
  ['another status', '100 % answered 404', ['100 % answered 503'], /no line like/],
  ['some in place of none', 'lost  3', ['lost  0'], /no line like "lost 0"/],
  ['none in place of some', '0 of 200 sold', ['200 of 200 sold'], /no line like/],
  ['a missing line', 'a\nc', ['a', 'b', 'c'], /no line like "b"/],
  ['a missing last line', 'a', ['a', 'b'], /no line like "b"/],
  ['a line too many', 'a\nx\nb', ['a', 'b'], /no line like "b"/],
  ['a last line too many', 'a\nx', ['a'], /nothing like "x" is shown/],
  ['lines in another order', 'b\na', ['a', 'b'], /no line like "a"/],
  ['a row twice that is shown once', 'row 1\nrow 2', ['row 1'], /nothing like "row 2"/],
  ['nothing', '', ['a'], /no line like "a"/],
  ['no end of a gap', 'a\nb', ['a', '…', 'd'], /no line like "d"/],
  ['a part of a line', 'a b c', ['a b'], /no line like "a b"/],
  ['another name with a figure', 'I3a OK', ['I2 OK'], /no line like/],
  ['another name with figures', 'SHA384 OK', ['SHA356 OK'], /no line like/],
];

for (const [name, printed, shown, wrong] of different) {
  test(`of another shape: ${name}`, () => assert.match(misfit(printed, shown) ?? 'fits', wrong));
}

test('lines that must be there, others between', () => {
  assert.equal(missing('a\nb\nc', ['a', 'c']), undefined);
  assert.equal(missing('a\nb\nc', []), undefined);
  assert.match(missing('a\nb\nc', ['c', 'a']) ?? 'fits', /no line like "a"/);
});
