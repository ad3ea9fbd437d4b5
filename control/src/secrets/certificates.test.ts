import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identityFiles } from '@microshop/envoy';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { identities, spiffeId } from '@microshop/topology';
import Fastify, { type FastifyInstance } from 'fastify';
import { certificateOptions, registerCertificates } from './certificates.ts';

async function build(t: TestContext, lifetimeSeconds: number) {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-control-'));
  const fastify = Fastify();
  t.after(async () => {
    await fastify.close();
    await rm(directory, { recursive: true });
  });
  registerCertificates(fastify, { directory, lifetimeSeconds, keyMode: 0o600 });
  await fastify.ready();
  const told = async (): Promise<
    { identity: string; spiffe_id: string; serial: string; expires_in_s: number }[]
  > => (await fastify.inject('/api/certificates')).json();
  return { fastify, directory, told };
}

test('who can reach the service can rely on the certificates, and sees each', async (t) => {
  const { told } = await build(t, 3600);
  const certificates = await told();
  assert.deepEqual(
    certificates.map(({ identity, spiffe_id }) => [identity, spiffe_id]),
    identities.map((identity) => [identity, spiffeId(identity)]),
  );
  for (const { expires_in_s: left } of certificates) assert.ok(left > 3500 && left <= 3600, `${left} s`);
});

test('they are renewed while it runs, again and again, before they end, all by one authority', async (t) => {
  const { directory, told } = await build(t, 4);
  const { identity: own, trust } = identityFiles(directory, 'orders');
  const authority = new X509Certificate(await readFile(trust));
  const serials = new Set<string>();
  const end = performance.now() + 60_000;
  while (serials.size < 3) {
    assert.ok(performance.now() < end, `only ${serials.size} certificates in a minute`);
    for (const { identity, serial } of await told()) if (identity === 'orders') serials.add(serial);
    // whoever has not read the newest files yet trusts them all the same
    assert.ok(new X509Certificate(await readFile(own)).verify(authority.publicKey));
    assert.deepEqual(new X509Certificate(await readFile(trust)).raw, authority.raw);
    await delay(50);
  }
});

test('a directory that cannot be written keeps it from starting, by name', async (t) => {
  const fastify = Fastify();
  t.after(() => fastify.close());
  registerCertificates(fastify, {
    directory: '/dev/null/certificates',
    lifetimeSeconds: 3600,
    keyMode: 0o600,
  });
  await assert.rejects(async () => await fastify.ready(), /\/dev\/null\/certificates/);
});

test('the directory is the one that is named, else that of the native mesh', () => {
  assert.equal(certificateOptions({ MESH_CERTIFICATES_DIR: '/certificates' }).directory, '/certificates');
  assert.match(certificateOptions({ MESH_INSTANCE: '3' }).directory, /\.mesh\/3\/certificates$/);
});

const shorten = async (fastify: FastifyInstance, renewed: boolean): Promise<{ serial: string }[]> =>
  (
    await fastify.inject({
      method: 'POST',
      url: '/api/certificates',
      payload: { lifetime_s: 4, for_ms: 6000, renewed },
    })
  ).json();

/** The serials that are there, once all certificates are made as usual again. */
async function usualAgain(told: () => Promise<{ serial: string; expires_in_s: number }[]>) {
  return await eventually('they are as usual', async () => {
    const now = await told();
    return now.every(({ expires_in_s: left }) => left > 3000) ? now.map(({ serial }) => serial) : undefined;
  });
}

test('for a time they end soon on purpose, and are renewed; then they are as usual', async (t) => {
  const { fastify, told } = await build(t, 3600);
  const first = (await shorten(fastify, true)).map(({ serial }) => serial);
  const seen = new Set(first);
  await eventually('they are renewed', async () => {
    for (const { serial } of await told()) seen.add(serial);
    return seen.size >= 2 * first.length ? true : undefined;
  });
  for (const { expires_in_s: left } of await told()) assert.ok(left <= 4);
  await usualAgain(told);
});

test('asked to, it lets them end, and makes all again when the time is over', async (t) => {
  const { fastify, told } = await build(t, 3600);
  const first = (await shorten(fastify, false)).map(({ serial }) => serial);
  await eventually('they have ended', async () => {
    const now = await told();
    return now.every(({ expires_in_s: left }) => left < 0) ? true : undefined;
  });
  assert.deepEqual(
    (await told()).map(({ serial }) => serial),
    first,
  );
  await usualAgain(told);
});
