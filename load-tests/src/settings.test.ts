import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Defaults, parseDuration, readSettings } from './settings.ts';

const defaults: Defaults = {
  rate: 20,
  seconds: 60,
  products: 10,
  stock: undefined,
  follow: 0.1,
  p95Ms: 900,
  p99Ms: 3850,
};

test('the scenario decides what the environment leaves open, an empty variable included', () => {
  const settings = readSettings({ RATE: '', GATEWAY: 'http://gateway:8080/' }, defaults);
  assert.deepEqual(settings, {
    ...defaults,
    gateway: 'http://gateway:8080',
    virtualUsers: undefined,
    repeats: 0,
    repeatAfterMs: 200,
    twice: 0,
    descriptionBytes: 0,
    summaryDirectory: undefined,
    ledger: true,
  });
});

test('every setting can be set', () => {
  const env = {
    GATEWAY: 'https://shop.example',
    RATE: '5',
    DURATION: '1m30s',
    PRODUCTS: '3',
    STOCK: '7',
    FOLLOW: '0.5',
    P95_MS: '100',
    P99_MS: '200',
    VUS: '12',
    REPEATS: '2',
    REPEAT_AFTER_MS: '700',
    TWICE: '0.2',
    DESCRIPTION_BYTES: '4000',
    SUMMARY_DIR: 'reports',
    LEDGER: 'off',
  };
  assert.deepEqual(readSettings(env, defaults), {
    gateway: 'https://shop.example',
    rate: 5,
    seconds: 90,
    products: 3,
    stock: 7,
    follow: 0.5,
    p95Ms: 100,
    p99Ms: 200,
    virtualUsers: 12,
    repeats: 2,
    repeatAfterMs: 700,
    twice: 0.2,
    descriptionBytes: 4000,
    summaryDirectory: 'reports',
    ledger: false,
  });
});

for (const [name, value] of [
  ['RATE', '0'],
  ['RATE', '2.5'],
  ['RATE', 'fast'],
  ['DURATION', '60'],
  ['DURATION', '0s'],
  ['DURATION', '25h'],
  ['FOLLOW', '1.1'],
  ['TWICE', '2'],
  ['STOCK', '-1'],
  ['VUS', '0'],
  ['GATEWAY', '127.0.0.1:8080'],
  ['GATEWAY', 'http://127.0.0.1:8080/api'],
  ['LEDGER', 'yes'],
] as const) {
  test(`refused, with the variable's name: ${name}=${value}`, () => {
    assert.throws(() => readSettings({ [name]: value }, defaults), new RegExp(`^Error: ${name} must be`));
  });
}

test('durations as k6 writes them', () => {
  assert.equal(parseDuration('2h3m4s'), 7384);
  assert.equal(parseDuration('1500ms'), undefined);
  assert.equal(parseDuration(''), undefined);
});
