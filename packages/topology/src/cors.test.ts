import assert from 'node:assert/strict';
import { test } from 'node:test';
import { corsOriginsOf } from './cors.ts';
import { composePlacement, kubernetesPlacement, nativePlacement } from './placement.ts';

const named = (value: string) => corsOriginsOf({ MESH_CORS_ORIGINS: value });

test('origins are named one by one; none by default', () => {
  assert.deepEqual(corsOriginsOf({}), []);
  assert.deepEqual(named(''), []);
  assert.deepEqual(named(' https://shop.example, http://localhost:5173,https://shop.example,'), [
    'https://shop.example',
    'http://localhost:5173',
  ]);
  assert.deepEqual(named('http://[::1]:5173'), ['http://[::1]:5173']);
});

test('what no browser sends as an origin is refused: the message has the variable, the text, and what to write', () => {
  for (const [text, write] of [
    ['https://shop.example/', 'https://shop.example'],
    ['https://shop.example/cart?x=1', 'https://shop.example'],
    ['https://shop.example:443', 'https://shop.example'],
    ['HTTPS://Shop.Example', 'https://shop.example'],
    ['https://ada@shop.example', 'https://shop.example'],
    ['https://münchen.example', 'https://xn--mnchen-3ya.example'],
  ] as const) {
    assert.throws(() => named(`https://a.example,${text}`), {
      message: `MESH_CORS_ORIGINS names "${text}": write ${write}, as browsers do`,
    });
  }
  for (const text of [
    '*',
    'null',
    'shop.example',
    'localhost:5173',
    'https://*.example',
    "https://a'b.example",
    'https://a.example https://b.example',
    'ftp://shop.example',
    'file:///shop',
  ]) {
    assert.throws(
      () => named(text),
      (error) =>
        error instanceof Error &&
        error.message.startsWith(`MESH_CORS_ORIGINS names "${text}": write each origin by itself`),
      text,
    );
  }
});

test('a placement has them, in containers where that is said', () => {
  const env = { MESH_CORS_ORIGINS: 'https://shop.example' };
  assert.deepEqual(nativePlacement({ env }).corsOrigins, ['https://shop.example']);
  assert.throws(() => nativePlacement({ env: { MESH_CORS_ORIGINS: '*' } }), /MESH_CORS_ORIGINS/);
  const corsOrigins = ['https://shop.example'];
  assert.deepEqual(composePlacement({ corsOrigins }).corsOrigins, corsOrigins);
  assert.deepEqual(composePlacement().corsOrigins, []);
  assert.deepEqual(kubernetesPlacement({ corsOrigins }).corsOrigins, corsOrigins);
  assert.deepEqual(kubernetesPlacement().corsOrigins, []);
});
