import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from './config.ts';
import { outboundOf } from './peer-urls.ts';

const peers = ['users', 'products'];
const refused = (settings: Parameters<typeof outboundOf>[0], message: RegExp) =>
  assert.throws(
    () => outboundOf(settings, peers),
    (error) => error instanceof ConfigError && message.test(error.message),
  );

test('a service has a sidecar, or an address for each peer', () => {
  const sidecar = 'http://127.0.0.1:15001';
  assert.equal(outboundOf({ MESH_OUTBOUND_URL: sidecar }, peers), sidecar);
  assert.deepEqual(
    outboundOf({ MESH_PEER_URLS: 'users=http://127.0.0.11:3000, products=http://127.0.0.12:3000/' }, peers),
    new Map([
      ['users', 'http://127.0.0.11:3000'],
      ['products', 'http://127.0.0.12:3000'],
    ]),
  );
});

test('neither and both are refused, with what to set', () => {
  refused({}, /MESH_OUTBOUND_URL must be .*; without one, set MESH_PEER_URLS/);
  const both = { MESH_OUTBOUND_URL: 'http://a:1', MESH_PEER_URLS: 'users=http://a:1,products=http://a:2' };
  refused(both, /both set/);
});

test('addresses are refused that are none, that are missing, and that nothing calls', () => {
  refused({ MESH_PEER_URLS: 'users=http://a:1' }, /has no address of products/);
  refused(
    { MESH_PEER_URLS: 'users=http://a:1,products=http://a:2,reviews=http://a:3' },
    /names reviews; the peers/,
  );
  for (const entry of [
    'users',
    'users=',
    '=http://a:1',
    'users=a:1',
    'users=ftp://a:1',
    'users=http://a:1/api',
  ]) {
    refused({ MESH_PEER_URLS: `${entry},products=http://a:2` }, /takes <peer>=http:\/\/host:port.*not "/);
  }
});
