/** The certificate that clients are shown, as it stands in its files. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { identities } from '@microshop/topology';
import { parse } from 'yaml';
import { at } from '../testing/inspect.ts';
import { ensureEdgeCertificate } from './edge.ts';
import { ensureCertificates } from './ensure.ts';
import { authorityFile, edgeFiles, identityFiles } from './files.ts';
import { issueServer, makeAuthority } from './issue.ts';

const names = ['localhost', '127.0.0.1', '::1'];

async function build(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-edge-'));
  t.after(() => rm(directory, { recursive: true }));
  const options = { directory, lifetimeSeconds: 3600, keyMode: 0o600, names, calledAs: '127.0.0.1' };
  const shown = async () => new X509Certificate(await readFile(edgeFiles(directory).certificate));
  return { directory, options, files: edgeFiles(directory), shown };
}

test('it is for the names of the gateway, for a server alone, for an hour, by an authority of its own', async (t) => {
  const { directory, options, files, shown } = await build(t);
  await ensureCertificates(options);
  assert.equal((await ensureEdgeCertificate(options)).issued, true);
  const certificate = await shown();
  assert.equal(certificate.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'a server');
  assert.ok(!certificate.ca);
  const left = (Date.parse(certificate.validTo) - Date.now()) / 1000;
  assert.ok(left > 3540 && left <= 3600, `${left} s`);
  const authority = new X509Certificate(await readFile(files.trust));
  assert.ok(authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
  const mesh = new X509Certificate(await readFile(authorityFile(directory)));
  assert.ok(!certificate.verify(mesh.publicKey), 'no peer takes it for one of the mesh');
  for (const identity of identities) {
    const peer = new X509Certificate(await readFile(identityFiles(directory, identity).identity));
    assert.ok(!peer.verify(authority.publicKey), 'nor a client a peer');
  }
});

test("Envoy's secret holds the same; clients can read what verifies it, and nobody the keys", async (t) => {
  const { directory, options, files } = await build(t);
  await ensureEdgeCertificate(options);
  const secret = at(parse(await readFile(files.secret, 'utf8')), 'resources', 0);
  assert.equal(at(secret, 'name'), 'edge');
  const text = await readFile(files.certificate, 'utf8');
  for (const part of ['certificate_chain', 'private_key']) {
    assert.ok(text.includes(String(at(secret, 'tls_certificate', part, 'inline_string'))), part);
  }
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
  for (const file of [files.certificate, files.secret, authorityFile(directory, 'edge')]) {
    assert.equal(await modeOf(file), 0o600, file);
  }
  assert.equal((await modeOf(files.trust)) & 0o444, 0o444);
  assert.ok(!(await readFile(files.trust, 'utf8')).includes('PRIVATE KEY'));
});

test('what is good is left alone; it is renewed at half of its life, by the same authority', async (t) => {
  const { options, files, shown } = await build(t);
  const { renewAt } = await ensureEdgeCertificate(options);
  const until = (renewAt.getTime() - Date.now()) / 1000;
  assert.ok(until > 1740 && until <= 1800, `${until} s`);
  const [first, trust] = [await shown(), await readFile(files.trust, 'utf8')];
  assert.equal((await ensureEdgeCertificate(options)).issued, false);
  // of a life of two hours only half is left
  for (const other of [{ lifetimeSeconds: 7260 }, { renew: true }, { names: [...names, 'gateway'] }]) {
    assert.equal((await ensureEdgeCertificate({ ...options, ...other })).issued, true, JSON.stringify(other));
  }
  assert.notEqual((await shown()).serialNumber, first.serialNumber);
  assert.equal(await readFile(files.trust, 'utf8'), trust);
});

test('what is broken or missing is made again', async (t) => {
  const { directory, options, files } = await build(t);
  const issued = async () => (await ensureEdgeCertificate(options)).issued;
  await issued();
  await writeFile(files.certificate, 'not a certificate');
  assert.equal(await issued(), true);
  for (const file of [files.secret, files.trust, authorityFile(directory, 'edge')]) {
    await rm(file);
    assert.equal(await issued(), true, file);
  }
  assert.equal(await issued(), false);
});

test("the user's is read again in a second, as it may change at any time", async (t) => {
  const { directory, options } = await build(t);
  const root = await makeAuthority('The root of a user');
  const own = await issueServer(root, names, 3600);
  const put = async (name: string, text: string) => {
    await writeFile(join(directory, name), text);
    return join(directory, name);
  };
  const given = {
    certificate: await put('own.pem', own.certificate),
    key: await put('own.key', own.key),
    authority: await put('root.pem', root.certificate),
  };
  const asked = Date.now();
  const { renewAt } = await ensureEdgeCertificate({ ...options, given });
  const pauseMs = renewAt.getTime() - asked;
  assert.ok(pauseMs >= 1000 && pauseMs < 2000, `${pauseMs} ms`);
});
