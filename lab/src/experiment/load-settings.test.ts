import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from './load-settings.ts';

test('there are users for every request that may be under way, repeats included', () => {
  const settings = loadSettings({ rate: 16, repeats: 3 });
  // each of four requests takes up to 4 s
  assert.ok(Number(settings['VUS']) >= 16 * 4 * 4);
  assert.equal(settings['REPEATS'], '3');
});

test('what is not asked for is left to the scenario', () => {
  const settings = loadSettings({ rate: 10 });
  for (const name of ['REPEAT_AFTER_MS', 'DESCRIPTION_BYTES', 'TWICE'])
    assert.equal(settings[name], undefined);
  assert.equal(loadSettings({ rate: 10, twice: 0.2 })['TWICE'], '0.2');
  assert.equal(loadSettings({ rate: 10, description_bytes: 4000 })['DESCRIPTION_BYTES'], '4000');
});
