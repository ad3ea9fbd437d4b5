/** The certificate that clients are shown, kept by a running service. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { authorityFile, type EdgeOptions, edgeFiles } from '@microshop/envoy';
import { issueServer, type KeyPair, makeAuthority } from '@microshop/envoy/certificates/issue';
import { keyPair } from '@microshop/envoy/testing/certificates.ts';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { nativePlacement } from '@microshop/topology';
import Fastify from 'fastify';
import { registerEdgeCertificate, withGivenNames } from './edge-certificate.ts';

const names = ['localhost', '127.0.0.1'];

async function build(t: TestContext, options: Partial<EdgeOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-edge-'));
  const lines: string[] = [];
  const fastify = Fastify({ logger: { level: 'error', stream: { write: (line) => void lines.push(line) } } });
  t.after(async () => {
    await fastify.close();
    await rm(directory, { recursive: true });
  });
  registerEdgeCertificate(fastify, {
    ...{ directory, lifetimeSeconds: 3600, keyMode: 0o600, names, calledAs: '127.0.0.1' },
    ...options,
  });
  const files = edgeFiles(directory);
  const serial = async () => new X509Certificate(await readFile(files.certificate)).serialNumber;
  return { fastify, files, directory, serial, lines };
}

/** Files of a user, and what puts another certificate into them. */
async function userFiles(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-given-'));
  t.after(() => rm(directory, { recursive: true }));
  const at = (name: string) => join(directory, name);
  const given = { certificate: at('own.pem'), key: at('own.key'), authority: at('root.pem') };
  const root = await makeAuthority('The root of a user');
  const put = async (forNames = [...names, 'shop.example']) => {
    const own = await issueServer(root, forNames, 3600);
    await writeFile(given.certificate, own.certificate);
    await writeFile(given.key, own.key);
    await writeFile(given.authority, root.certificate);
    return new X509Certificate(own.certificate).serialNumber;
  };
  return { given, put };
}

test('it is renewed while the service runs', async (t) => {
  const { fastify, serial } = await build(t, { lifetimeSeconds: 4 });
  await fastify.ready();
  const seen = new Set<string>();
  await eventually('three were shown', async () => {
    seen.add(await serial());
    return seen.size >= 3;
  });
});

test('from then on this process verifies it', async (t) => {
  const { fastify, files, directory } = await build(t);
  await fastify.ready();
  const text = await readFile(files.certificate, 'utf8');
  const own = authorityFile(directory, 'edge');
  const url = `https://127.0.0.1:${await serving(t, text, text)}`;
  assert.equal(await (await fetch(url)).text(), 'here');

  const strangers: readonly (readonly [string, KeyPair, readonly string[]])[] = [
    ['of an authority that nobody named', await makeAuthority('Somebody else'), names],
    ['of ours, for more than the gateway', keyPair(await readFile(own, 'utf8')), [...names, 'evil.example']],
  ];
  for (const [what, authority, hosts] of strangers) {
    const { certificate: cert, key } = await issueServer(authority, hosts, 3600);
    const port = await serving(t, cert, key);
    await assert.rejects(fetch(`https://127.0.0.1:${port}`), what);
  }
});

/** Serves with that certificate for the length of a test; its port. */
async function serving(t: TestContext, cert: string, key: string): Promise<number> {
  const server = createServer({ cert, key }, (_request, response) => response.end('here'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

test("the user's is taken, and another one when its files change; a broken one is left out, and said once", async (t) => {
  const { given, put } = await userFiles(t);
  const first = await put();
  const { fastify, serial, lines } = await build(t, { given });
  await fastify.ready();
  assert.equal(await serial(), first);
  const next = await put();
  await eventually('the next one is taken', async () => (await serial()) === next);
  await writeFile(given.certificate, 'half a certific');
  await eventually('it is said', () => lines.some((line) => line.includes('must hold a certificate in PEM')));
  assert.equal(await serial(), next);
  const last = await put();
  await eventually('the last one is taken', async () => (await serial()) === last);
  assert.equal(lines.length, 1, lines.join(''));
});

test('one that could not be shown keeps the service from starting, and says why', async (t) => {
  const { given, put } = await userFiles(t);
  await put(['shop.example']);
  const { fastify } = await build(t, { given });
  await assert.rejects(
    async () => await fastify.ready(),
    /MESH_GATEWAY_CERTIFICATE_FILE must be for 127\.0\.0\.1 as well/,
  );
});

test('clients may call the gateway by the names in it', async (t) => {
  const { given, put } = await userFiles(t);
  await put();
  const env = {
    MESH_GATEWAY_CERTIFICATE_FILE: given.certificate,
    MESH_GATEWAY_KEY_FILE: given.key,
    MESH_GATEWAY_CA_FILE: given.authority,
  };
  const namesOf = async (edgeAuth: boolean) =>
    (await withGivenNames({ ...nativePlacement({ env: {} }), edgeAuth }, env)).gateway.tls.names;
  assert.ok((await namesOf(true)).includes('shop.example'));
  assert.ok(!(await namesOf(false)).includes('shop.example'));
});
