import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { identities, spiffeId } from '@microshop/topology';
import { parse } from 'yaml';
import { at } from '../testing/inspect.ts';
import { readAuthority } from './authority.ts';
import { ensureCertificates } from './ensure.ts';
import { authorityFile, identityFiles } from './files.ts';
import { certificateSettings } from './lifetime.ts';
import { certificateFacts } from './read.ts';

const hour = 3600;

async function directoryOf(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-certificates-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

function options(directory: string, lifetimeSeconds = hour) {
  return { directory, lifetimeSeconds, keyMode: 0o600 };
}

async function serials(directory: string): Promise<string[]> {
  return (await certificateFacts(directory)).map(({ serial }) => serial);
}

test('each identity has a certificate of the authority in its name, for both ends, for an hour', async (t) => {
  const directory = await directoryOf(t);
  assert.deepEqual((await ensureCertificates(options(directory))).issued, identities);
  const authority = new X509Certificate(await readFile(authorityFile(directory)));
  assert.ok(authority.ca);
  for (const identity of identities) {
    const certificate = new X509Certificate(await readFile(identityFiles(directory, identity).identity));
    assert.equal(certificate.subjectAltName, `URI:${spiffeId(identity)}`);
    assert.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
    assert.ok(!certificate.ca);
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'], 'server and client');
    const left = (Date.parse(certificate.validTo) - Date.now()) / 1000;
    assert.ok(left > hour - 60 && left <= hour, `${left} s`);
    assert.ok(Date.parse(certificate.validFrom) < Date.now());
  }
  const facts = await certificateFacts(directory);
  assert.deepEqual(
    facts.map(({ identity }) => identity),
    identities,
  );
  assert.equal(new Set(facts.map(({ serial }) => serial)).size, identities.length);
});

test("Envoy's secrets hold the very certificate, its key, and the authority's certificate but not its key", async (t) => {
  const directory = await directoryOf(t);
  await ensureCertificates(options(directory));
  const files = identityFiles(directory, 'orders');
  const pem = await readFile(files.identity, 'utf8');
  const secret = at(parse(await readFile(files.secrets.identity, 'utf8')), 'resources', 0);
  assert.equal(at(secret, 'name'), 'identity');
  for (const part of ['certificate_chain', 'private_key']) {
    assert.ok(pem.includes(String(at(secret, 'tls_certificate', part, 'inline_string'))), part);
  }
  const authority = await readAuthority(directory);
  assert.ok(authority);
  const trust = at(parse(await readFile(files.secrets.trust, 'utf8')), 'resources', 0);
  assert.equal(at(trust, 'validation_context', 'trusted_ca', 'inline_string'), authority.certificate);
  for (const name of await readdir(files.directory)) {
    assert.ok(!(await readFile(join(files.directory, name), 'utf8')).includes(authority.key), name);
    assert.ok(!name.endsWith('.tmp'));
  }
});

test('nobody but the owner reads keys; the group may where it is asked for', async (t) => {
  const directory = await directoryOf(t);
  await ensureCertificates(options(directory));
  const files = identityFiles(directory, 'users');
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
  for (const file of [authorityFile(directory), files.identity, files.secrets.identity]) {
    assert.equal(await modeOf(file), 0o600, file);
  }
  assert.equal(await modeOf(files.directory), 0o700);
  await ensureCertificates({ ...options(directory), keyMode: 0o640, renew: true });
  assert.equal(await modeOf(files.secrets.identity), 0o640);
  assert.equal(await modeOf(authorityFile(directory)), 0o600);
});

test('what is good is left alone, and renewed when half of its life is over', async (t) => {
  const directory = await directoryOf(t);
  const { renewAt } = await ensureCertificates(options(directory));
  const first = await serials(directory);
  const until = (renewAt.getTime() - Date.now()) / 1000;
  assert.ok(until > hour / 2 - 60 && until <= hour / 2, `${until} s`);
  assert.deepEqual((await ensureCertificates(options(directory))).issued, []);
  assert.deepEqual(await serials(directory), first);
  // Of a life of two hours only half is left, of half an hour more than all: both are renewed.
  for (const lifetime of [2 * hour + 60, hour / 2]) {
    assert.deepEqual(
      (await ensureCertificates(options(directory, lifetime))).issued,
      identities,
      `${lifetime}`,
    );
    assert.deepEqual((await ensureCertificates(options(directory, lifetime))).issued, []);
  }
});

test('every renewal is by the same authority: what came before and after it is trusted by the same', async (t) => {
  const directory = await directoryOf(t);
  const trusted: string[] = [];
  const issued: X509Certificate[] = [];
  const renewals = [options(directory), { ...options(directory), renew: true }, options(directory, hour / 2)];
  for (const renewal of renewals) {
    assert.deepEqual((await ensureCertificates(renewal)).issued, identities);
    for (const files of identities.map((identity) => identityFiles(directory, identity))) {
      trusted.push(await readFile(files.trust, 'utf8'));
      issued.push(new X509Certificate(await readFile(files.identity)));
    }
  }
  const [authority = '', ...others] = new Set(trusted);
  assert.deepEqual(others, []);
  const { publicKey } = new X509Certificate(authority);
  assert.equal(new Set(issued.map(({ serialNumber }) => serialNumber)).size, 3 * identities.length);
  for (const certificate of issued) assert.ok(certificate.verify(publicKey), certificate.subject);
});

test('what is broken, of another authority, or in the wrong name is made again', async (t) => {
  const directory = await directoryOf(t);
  await ensureCertificates(options(directory));
  const users = identityFiles(directory, 'users');
  const orders = identityFiles(directory, 'orders');
  const issued = async () => (await ensureCertificates(options(directory))).issued;

  await writeFile(users.identity, 'not a certificate');
  assert.deepEqual(await issued(), ['users']);
  await writeFile(users.identity, await readFile(orders.identity));
  assert.deepEqual(await issued(), ['users'], 'in the name of another');
  const [certificate] = (await readFile(users.identity, 'utf8')).split(/(?=-----BEGIN PRIVATE)/);
  const [, key] = (await readFile(orders.identity, 'utf8')).split(/(?=-----BEGIN PRIVATE)/);
  await writeFile(users.identity, `${certificate}${key}`);
  assert.deepEqual(await issued(), ['users'], 'with the key of another');
  await rm(orders.secrets.trust);
  assert.deepEqual(await issued(), ['orders'], 'without what Envoy reads');
  await writeFile(authorityFile(directory), 'broken');
  assert.deepEqual(await issued(), identities, 'all, by a new authority');
  await rm(authorityFile(directory));
  assert.deepEqual(await issued(), identities);
  assert.deepEqual(await issued(), []);
});

test('several at once agree on one authority', async (t) => {
  const directory = await directoryOf(t);
  await Promise.all(Array.from({ length: 5 }, () => ensureCertificates(options(directory))));
  assert.deepEqual((await ensureCertificates(options(directory))).issued, []);
  const authority = await readAuthority(directory);
  assert.ok(authority);
  const { publicKey } = new X509Certificate(authority.certificate);
  for (const identity of identities) {
    const certificate = new X509Certificate(await readFile(identityFiles(directory, identity).identity));
    assert.ok(certificate.verify(publicKey), identity);
  }
});

test('settings come from the environment, and wrong ones are named', () => {
  assert.deepEqual(certificateSettings({}), { lifetimeSeconds: hour, keyMode: 0o600 });
  assert.deepEqual(
    certificateSettings({ MESH_CERTIFICATE_LIFETIME_SECONDS: '20', MESH_CERTIFICATE_KEY_MODE: '0640' }),
    { lifetimeSeconds: 20, keyMode: 0o640 },
  );
  for (const wrong of ['0', '3', '1.5', 'an hour', '99999999']) {
    assert.throws(
      () => certificateSettings({ MESH_CERTIFICATE_LIFETIME_SECONDS: wrong }),
      /MESH_CERTIFICATE_LIFETIME_SECONDS must be a whole number from 4 to 2592000/,
    );
  }
  assert.throws(
    () => certificateSettings({ MESH_CERTIFICATE_KEY_MODE: '0777' }),
    /MESH_CERTIFICATE_KEY_MODE/,
  );
});
