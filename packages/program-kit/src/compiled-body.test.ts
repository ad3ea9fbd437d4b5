import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { compiledBody } from './compiled-body.ts';
import { UnreachableError } from './http-json.ts';

test('a body that fits is returned, another one is refused with its field', () => {
  const expected = compiledBody(Type.Object({ data: Type.Array(Type.Integer()) }));
  const body = { data: [1, 2], more: true };
  assert.equal(expected(body, 'jaeger'), body);
  for (const wrong of [{ data: ['1'] }, {}, undefined, 'page']) {
    assert.throws(
      () => expected(wrong, 'jaeger'),
      (error) =>
        error instanceof UnreachableError && /^jaeger answered in another form: body/.test(error.message),
    );
  }
});
