import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from './problem.ts';
import { checkOwn, scopeOf } from './subject.ts';

const refused = (status: number) => (error: unknown) =>
  error instanceof ProblemError && error.status === status;

test('a user has a scope of its own; an admin, a peer, and a mesh that asks nobody have that of all', () => {
  const gateway = { 'x-mesh-caller': 'gateway' };
  assert.equal(scopeOf({ ...gateway, 'x-mesh-user': '7', 'x-mesh-role': 'customer' }, true), 7);
  assert.equal(scopeOf({ ...gateway, 'x-mesh-user': 'operator', 'x-mesh-role': 'admin' }, true), 'all');
  assert.equal(scopeOf({ 'x-mesh-caller': 'orders' }, true), 'all');
  assert.equal(scopeOf(gateway, false), 'all');
});

test('a gateway that does not say who it is, and a name that is no id, are refused', () => {
  assert.throws(() => scopeOf({ 'x-mesh-caller': 'gateway' }, true), refused(401));
  for (const user of ['operator', '0', '7,8', '', '7 ']) {
    assert.throws(
      () => scopeOf({ 'x-mesh-user': user, 'x-mesh-role': 'customer' }, true),
      refused(403),
      user,
    );
  }
});

test('what is of another user is out of a scope', () => {
  checkOwn('all', 8);
  checkOwn(7, 7);
  assert.throws(() => checkOwn(7, 8), refused(403));
});
