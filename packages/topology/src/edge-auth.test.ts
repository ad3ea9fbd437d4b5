import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeAuthOf, signingKeyTimes, tokens } from './edge-auth.ts';
import { accessTo, methodsOfPaths, operations } from './operations.ts';
import { composePlacement, nativePlacement } from './placement.ts';
import { serviceNamed } from './services.ts';

test('clients are authenticated where the variable says so; anything else in it is refused by name', () => {
  for (const [value, asked] of [
    ['1', true],
    ['0', false],
    ['', false],
    [undefined, false],
  ] as const) {
    assert.equal(edgeAuthOf({ MESH_EDGE_AUTH: value }), asked, String(value));
  }
  assert.throws(() => edgeAuthOf({ MESH_EDGE_AUTH: 'yes' }), /MESH_EDGE_AUTH must be 1 or 0, not "yes"/);
  assert.equal(nativePlacement({ env: { MESH_EDGE_AUTH: '1' } }).edgeAuth, true);
  assert.equal(nativePlacement({ env: {} }).edgeAuth, false);
  assert.equal(composePlacement({ edgeAuth: true }).edgeAuth, true);
  assert.equal(composePlacement().edgeAuth, false);
});

test('an operation is below the path of its service, and named once', () => {
  for (const { service, path } of operations) {
    const { route } = serviceNamed(service);
    assert.ok(path === route || path.startsWith(`${route}/`), path);
  }
  assert.equal(new Set(operations.map(({ name }) => name)).size, operations.length);
  assert.equal(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size, operations.length);
});

test('what is not named is for admins', () => {
  assert.equal(accessTo('GET', '/api/products'), 'everybody');
  assert.equal(accessTo('POST', '/api/products'), 'admin');
  assert.equal(accessTo('PATCH', '/api/orders/{id}'), 'admin');
  assert.equal(accessTo('GET', '/api/reviews'), 'admin');
});

test('a path takes the methods of its operations, of those that are there; HEAD as GET', () => {
  const taken = (edgeAuth: boolean) =>
    Object.fromEntries(methodsOfPaths(edgeAuth).map(({ path, methods }) => [path, methods]));
  const without = {
    '/api/users': ['GET', 'HEAD', 'POST'],
    '/api/users/login': ['POST'],
    '/api/users/{id}': ['GET', 'HEAD'],
    '/api/products': ['GET', 'HEAD', 'POST'],
    '/api/products/{id}': ['GET', 'HEAD', 'PATCH'],
    '/api/products/{id}/stock': ['POST'],
    '/api/orders': ['GET', 'HEAD', 'POST'],
    '/api/orders/{id}': ['GET', 'HEAD'],
  };
  assert.deepEqual(taken(false), without);
  assert.deepEqual(taken(true), {
    ...without,
    '/api/users/keys': ['GET', 'HEAD'],
    '/api/users/{id}': ['GET', 'HEAD', 'PATCH'],
  });
});

test('a key is published until the last token that it has signed has ended', () => {
  assert.ok(signingKeyTimes.publishedAfterSeconds > tokens.lifetimeSeconds + tokens.clockSkewSeconds);
  assert.ok(signingKeyTimes.publishedBeforeSeconds < signingKeyTimes.signsSeconds);
});
