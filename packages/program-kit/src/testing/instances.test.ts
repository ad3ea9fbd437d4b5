import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testInstance } from './instances.ts';

test('each group has its usual mesh', () => {
  for (const env of [{}, { MESH_TEST_INSTANCE: '' }]) {
    assert.equal(testInstance('e2e', env), 9);
    assert.equal(testInstance('lifecycle', env), 8);
    assert.equal(testInstance('integration', env), 6);
  }
});

test('MESH_TEST_INSTANCE names another one', () => {
  assert.equal(testInstance('lifecycle', { MESH_TEST_INSTANCE: '4' }), 4);
  assert.equal(testInstance('integration', { MESH_TEST_INSTANCE: '4' }), 4);
});

for (const wrong of ['0', '10', 'four']) {
  test(`${wrong} is no mesh of a test`, () => {
    assert.throws(
      () => testInstance('integration', { MESH_TEST_INSTANCE: wrong }),
      /MESH_TEST_INSTANCE must be a number from 1 to 9/,
    );
  });
}
