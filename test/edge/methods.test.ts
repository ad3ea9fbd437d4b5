/** Methods that a path does not take, on the whole mesh: refused as such, whoever asks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allOperations, methodsAt, otherMethods } from '../harness/api-description.ts';
import { inTime, request } from '../harness/shop.ts';
import { newCustomer, operatorToken, showing } from '../harness/sign-in.ts';

test('every path names the methods that it takes, to everybody', async () => {
  const [operations, customer, admin] = await Promise.all([allOperations(), newCustomer(), operatorToken()]);
  const examples = new Map(operations.map(({ path, example }) => [path, example.path]));
  for (const [path, example] of examples) {
    const taken = methodsAt(operations, path);
    assert.ok(taken.length > 0, path);
    for (const method of otherMethods(taken)) {
      for (const headers of [{}, showing(customer.token), showing(admin)]) {
        const answer = await inTime(() => request(method, example, undefined, headers));
        const which = `${method} ${path}`;
        assert.deepEqual([answer.status, answer.headers.get('allow')], [405, taken.join(', ')], which);
        // an answer to HEAD has no body
        if (method !== 'HEAD') assert.equal(answer.body.code, 'method_not_allowed', which);
      }
    }
  }
});

test('one that is none of the shop’s is for who may do everything, and then is not found', async () => {
  const admin = await operatorToken();
  const ask = (headers: Record<string, string>) =>
    inTime(() => request('PATCH', '/api/orders/1/items', undefined, headers));
  assert.equal((await ask({})).status, 401);
  assert.equal((await ask(showing(admin))).status, 404);
});
