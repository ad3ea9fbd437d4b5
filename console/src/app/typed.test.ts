import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typed } from './typed.ts';

test('natively a command names its mesh, unless it is the first', () => {
  assert.equal(typed('order', { mode: 'native', instance: 1 }), './mesh order');
  assert.equal(typed('order', { mode: 'native', instance: 4 }), 'MESH_INSTANCE=4 ./mesh order');
});

test('in containers it is the one that works there', () => {
  const inContainers = (words: string) => typed(words, { mode: 'compose', instance: 1 });
  assert.equal(inContainers('order --user 1'), 'docker compose run --rm mesh order --user 1');
  assert.equal(
    inContainers('load steady --rate 20 --duration 1m'),
    'docker compose run --rm k6 steady --rate 20 --duration 1m',
  );
  assert.equal(inContainers('start redis'), 'docker compose start redis');
  assert.equal(
    inContainers('experiment run abort-30'),
    'docker compose run --rm mesh experiment run abort-30',
  );
  // only the checkout has these
  assert.equal(inContainers('bench list'), './mesh bench list');
});
