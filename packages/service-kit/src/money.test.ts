import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountFromCents, centsFromPrice, maxPriceCents } from './money.ts';
import { ProblemError } from './problem.ts';

test('every price with two decimals comes back as it went in', () => {
  for (const cents of [0, 1, 10, 29, 57, 58, 101, 1999, 110, 435, 99_999, 123_456_789, maxPriceCents]) {
    const wire: unknown = JSON.parse(JSON.stringify(amountFromCents(cents)));
    assert.ok(typeof wire === 'number');
    assert.equal(centsFromPrice(wire, 'price'), cents);
    assert.match(String(wire), /^\d+(\.\d{1,2})?$/);
  }
});

test('a third decimal is refused by the name of the field', () => {
  for (const price of [0.001, 1.005, 19.999, 0.1 + 0.2]) {
    assert.throws(
      () => centsFromPrice(price, 'body.price'),
      (error) => error instanceof ProblemError && error.status === 400 && /body\.price/.test(error.message),
    );
  }
});
