/** The certificate of a pod that another issues: taken, exchanged, and kept while what is issued is of no use. */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { identityFiles, readIdentity } from '@microshop/envoy';
import { issue, makeAuthority } from '@microshop/envoy/certificates/issue';
import { eventually } from '@microshop/program-kit/testing/eventually';
import type { Identity } from '@microshop/topology';
import { takeIssued } from './issued.ts';

async function issuedTo(t: TestContext) {
  const root = await mkdtemp(path.join(tmpdir(), 'microshop-agent-issued-'));
  const issued = path.join(root, 'issued');
  const settings = { identity: 'users', directory: path.join(root, 'pod') } as const;
  const certificates = path.join(settings.directory, 'certificates');
  await mkdir(issued);
  const authority = await makeAuthority();
  const lines: { message: string; fields: object }[] = [];
  const add = (fields: object, message: string) => void lines.push({ message, fields });
  const own = await takeIssued(settings, issued, { info: add, warn: add, error: add }, 20);
  t.after(async () => {
    await own.end();
    await rm(root, { recursive: true });
  });
  const put = async (texts: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(texts)) await writeFile(path.join(issued, name), text);
  };
  const newFor = async (identity: Identity) => await issue(authority, identity, 3600);
  const reasons = () => JSON.stringify(lines);
  return { own, certificates, authority, put, newFor, lines, reasons };
}

test('it is taken once it is issued, and again when it is renewed', async (t) => {
  const { own, certificates, authority, put, newFor, reasons } = await issuedTo(t);
  await eventually('it is missed', () => /ENOENT.*tls\.crt/.test(reasons()));
  assert.ok(!own.isThere());
  const first = await newFor('users');
  await put({ 'tls.crt': first.certificate, 'tls.key': first.key, 'ca.crt': authority.certificate });
  await eventually('it is there', own.isThere);
  const serialOf = (text: string) => new X509Certificate(text).serialNumber;
  assert.equal((await readIdentity(certificates, 'users'))?.serialNumber, serialOf(first.certificate));
  const files = identityFiles(certificates, 'users');
  assert.match(await readFile(files.secrets.identity, 'utf8'), /private_key/);
  assert.equal((await readFile(files.trust, 'utf8')).trim(), authority.certificate.trim());

  // a key in the form of before PKCS #8
  const next = await newFor('users');
  const sec1 = createPrivateKey(next.key).export({ type: 'sec1', format: 'pem' }).toString();
  assert.match(sec1, /BEGIN EC PRIVATE KEY/);
  await put({ 'tls.crt': next.certificate, 'tls.key': sec1 });
  await eventually(
    'it is the renewed one',
    async () => (await readIdentity(certificates, 'users'))?.serialNumber === serialOf(next.certificate),
  );
  assert.doesNotMatch(reasons(), /PRIVATE/);
});

test('what is of no use is named once, and the certificate that is there stays', async (t) => {
  const { own, certificates, authority, put, newFor, lines } = await issuedTo(t);
  const right = await newFor('users');
  const whole = { 'tls.crt': right.certificate, 'tls.key': right.key, 'ca.crt': authority.certificate };
  await put(whole);
  await eventually('it is there', own.isThere);
  const serial = new X509Certificate(right.certificate).serialNumber;
  const others = await newFor('orders');
  const stranger = await makeAuthority();
  for (const [wrong, said] of [
    [
      { 'tls.crt': others.certificate, 'tls.key': others.key },
      /is for URI:\S+\/orders, not for URI:\S+\/users/,
    ],
    [{ 'tls.key': others.key }, /tls\.key is not the key of tls\.crt/],
    [{ 'ca.crt': stranger.certificate }, /neither ca\.crt nor the rest/],
    [{ 'tls.crt': '' }, /tls\.crt holds no certificate/],
    [{ 'tls.key': 'none' }, /./],
  ] as const) {
    lines.length = 0;
    await put({ ...whole, ...wrong });
    await eventually('it is said', () => said.test(JSON.stringify(lines)) && lines.length > 0);
    assert.equal((await readIdentity(certificates, 'users'))?.serialNumber, serial);
    assert.ok(own.isThere());
  }
});

test('one that an authority in between has signed is taken with it', async (t) => {
  const { own, certificates, put, newFor, authority } = await issuedTo(t);
  const leaf = await newFor('users');
  const root = await makeAuthority();
  const chain = `${leaf.certificate}\n${authority.certificate}\n`;
  await put({ 'tls.crt': chain, 'tls.key': leaf.key, 'ca.crt': root.certificate });
  await eventually('it is there', own.isThere);
  const shown = await readFile(identityFiles(certificates, 'users').identity, 'utf8');
  assert.equal(shown.match(/BEGIN CERTIFICATE/g)?.length, 2);
});
