import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellable, withheld } from './tellable.ts';

test('what the API is made of is recorded as it came', () => {
  for (const address of [
    '/',
    '/api/orders',
    '/api/orders/',
    '/api/orders/2147483647',
    '/api/users/login',
    '/api/products/7/stock',
    '/api/products?ids=1,2,30',
    '/api/orders?user_id=7&limit=2',
    '/docs/users',
  ]) {
    assert.equal(tellable(address), address);
  }
});

test('a query that is not of the API is left out', () => {
  for (const query of [
    'email=a@example.com',
    'ids=1,a@example.com',
    'ids=',
    'cursor=a@example.com',
    'cursor=YWZ0ZXI6MjA',
    'status=secret',
    'user_id=12345678901',
    'limit=1&secret',
    'limit=1#secret',
    'secret?limit=1',
    'limit=1\nsecret',
  ]) {
    assert.equal(tellable(`/api/products?${query}`), '/api/products', query);
  }
});

test('a path that is not of the API is withheld', () => {
  for (const address of [
    '/secret',
    '/api/users/a@example.com',
    '/api/users/a@example.com?limit=1',
    '/api/users/1/a%40example.com',
    '/api/users/12345678901',
    '/api/orders/7;secret',
    '//secret/api/orders',
    '/api/orders\n/secret',
    '/api/orders/7\n',
    'secret',
    '',
  ]) {
    assert.equal(tellable(address), withheld, address);
  }
});
