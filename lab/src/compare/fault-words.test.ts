import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '@microshop/cli/output/errors';
import { faultOf } from './fault-words.ts';

test('a fault is a service and what follows it', () => {
  assert.deepEqual(faultOf('products abort 503 30%'), {
    kind: 'calls',
    service: 'products',
    abort: 503,
    percent: 30,
  });
  assert.deepEqual(faultOf(' users  delay 300ms from orders '), {
    kind: 'calls',
    service: 'users',
    delay_ms: 300,
    from: 'orders',
  });
  assert.deepEqual(faultOf('orders replace-answer 503 percent 20'), {
    kind: 'calls',
    service: 'orders',
    replace_answer: 503,
    percent: 20,
  });
});

for (const [text, says] of [
  ['', /service/],
  ['product abort 503', /product/],
  ['products', /must do something/],
  ['products abort', /abort needs a value/],
  ['products abort 503 30% 40%', /percent is given twice/],
  ['products explode 503', /"explode" is none of abort, delay, .*an example/],
  ['products abort 503 for 5s', /"for" is none of/],
  ['products abort 200', /--abort must be a whole number/],
  ['products abort 503 0%', /--percent must be a whole number/],
  ['products delay 300', /--delay needs a unit/],
] as const) {
  test(`"${text}" is refused`, () => {
    assert.throws(
      () => faultOf(text),
      (error) => error instanceof UsageError && says.test(error.message),
    );
  });
}
