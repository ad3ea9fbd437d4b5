/** A certificate of the user's own: what is taken, and what is said about what is not. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type GivenFiles, givenFiles, namesIn, readGiven } from './given.ts';
import { issueFor, issueServer, type KeyPair, makeAuthority } from './issue.ts';

const names = ['localhost', '127.0.0.1', 'shop.example'];
const hour = 3_600_000;

/** Files of a user, with other texts where they are given; an empty one is left out. */
async function build(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-given-'));
  t.after(() => rm(directory, { recursive: true }));
  const root = await makeAuthority('The root of a user');
  const own = await issueServer(root, names, 3600);
  const put = async (texts: Partial<Record<keyof GivenFiles, string>> = {}): Promise<GivenFiles> => {
    const all = { certificate: own.certificate, key: own.key, authority: root.certificate, ...texts };
    const at = (name: string) => join(directory, `${name}.pem`);
    for (const [name, text] of Object.entries(all)) await writeFile(at(name), text);
    return {
      certificate: at('certificate'),
      key: at('key'),
      authority: all.authority === '' ? undefined : at('authority'),
    };
  };
  const refused = async (texts: Parameters<typeof put>[0], message: RegExp, calledAs = '127.0.0.1') =>
    await assert.rejects(readGiven(await put(texts), calledAs), message);
  return { directory, root, own, put, refused };
}

test('a certificate with its key and its authority is taken', async (t) => {
  const { root, own, put } = await build(t);
  const { pair, trust } = await readGiven(await put(), '127.0.0.1');
  assert.equal(
    new X509Certificate(pair.certificate).serialNumber,
    new X509Certificate(own.certificate).serialNumber,
  );
  assert.equal(pair.key, own.key.trimEnd());
  assert.equal(new X509Certificate(trust).subject, new X509Certificate(root.certificate).subject);
  assert.deepEqual(await namesIn(await put(), '127.0.0.1'), names);
});

test('the authority may stand in the file of the certificate', async (t) => {
  const { root, own, put } = await build(t);
  const files = await put({ certificate: `${own.certificate}\n${root.certificate}`, authority: '' });
  const { pair, trust } = await readGiven(files, 'localhost');
  assert.equal(pair.certificate.match(/BEGIN/g)?.length, 2);
  assert.equal(new X509Certificate(trust).subject, 'CN=The root of a user');
});

test('keys of RSA and of other curves are taken', async (t) => {
  const { put, refused } = await build(t);
  const strange = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const text = strange.export({ type: 'pkcs1', format: 'pem' }).toString();
  // a form that is taken; it only is another key
  await refused({ key: text }, /is not the key of/);
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  await refused(
    { key: small.export({ type: 'pkcs8', format: 'pem' }).toString() },
    /^Error: MESH_GATEWAY_KEY_FILE must be an RSA key of 2048 bits at least, or one on P-256/,
  );
  const edwards = generateKeyPairSync('ed25519').privateKey;
  await refused({ key: edwards.export({ type: 'pkcs8', format: 'pem' }).toString() }, /must be an RSA key/);
  assert.ok(await put());
});

test('what is wrong is said by the variable, with what to do', async (t) => {
  const { root, own, refused, directory } = await build(t);
  const other = await issueServer(root, names, 3600);
  const stranger = await makeAuthority('Somebody else');
  const now = Date.now();
  const living = async (from: number, to: number): Promise<KeyPair> =>
    await issueFor(root, {
      ...{ name: 'localhost', hosts: names },
      ...{ notBefore: new Date(from), notAfter: new Date(to) },
    });
  const [ended, future] = [
    await living(now - 2 * hour, now - hour),
    await living(now + hour, now + 2 * hour),
  ];
  const passphrase = { cipher: 'aes-256-cbc', passphrase: 'secret', type: 'pkcs8', format: 'pem' } as const;
  const locked = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(passphrase).toString();

  await refused(
    { certificate: 'nothing' },
    /^Error: MESH_GATEWAY_CERTIFICATE_FILE \(.+\) must hold a certificate in PEM/,
  );
  await refused({ key: 'nothing' }, /^Error: MESH_GATEWAY_KEY_FILE \(.+\) must hold a private key in PEM/);
  await refused({ key: locked }, /^Error: MESH_GATEWAY_KEY_FILE .+ without a passphrase; openssl pkey/);
  await refused(
    { key: other.key },
    /^Error: MESH_GATEWAY_KEY_FILE .+ is not the key of the first certificate in .+ \(CN=localhost\)/,
  );
  await refused(
    { certificate: ended.certificate, key: ended.key },
    /^Error: MESH_GATEWAY_CERTIFICATE_FILE has ended: it was valid until .+; have it renewed$/,
  );
  await refused(
    { certificate: future.certificate, key: future.key },
    /^Error: MESH_GATEWAY_CERTIFICATE_FILE is not valid before .+; wait, or correct the clock/,
  );
  await refused(
    {},
    /^Error: MESH_GATEWAY_CERTIFICATE_FILE must be for gateway as well, .+; it is for DNS:localhost, IP/,
    'gateway',
  );
  for (const authority of ['', stranger.certificate]) {
    await refused(
      { authority },
      /^Error: MESH_GATEWAY_CA_FILE must name the certificate of who signed MESH_GATEWAY_CERTIFICATE_FILE \(CN=The root of a user\)/,
    );
  }
  const missing = {
    certificate: join(directory, 'absent.pem'),
    key: join(directory, 'key.pem'),
    authority: undefined,
  };
  await assert.rejects(
    readGiven(missing, 'localhost'),
    /^Error: MESH_GATEWAY_CERTIFICATE_FILE cannot be read \(.+absent\.pem\): there is no such file$/,
  );
  assert.deepEqual(await namesIn(missing, 'localhost'), []);
  assert.ok(own);
});

test('both files are named, or neither', () => {
  const [certificate, key, authority] = [
    'MESH_GATEWAY_CERTIFICATE_FILE',
    'MESH_GATEWAY_KEY_FILE',
    'MESH_GATEWAY_CA_FILE',
  ];
  assert.equal(givenFiles({}), undefined);
  assert.equal(givenFiles({ [certificate]: '', [key]: '' }), undefined);
  assert.deepEqual(givenFiles({ [certificate]: '/a.pem', [key]: '/b.pem', [authority]: '/c.pem' }), {
    ...{ certificate: '/a.pem', key: '/b.pem', authority: '/c.pem' },
  });
  assert.throws(
    () => givenFiles({ [certificate]: '/a.pem' }),
    /^Error: MESH_GATEWAY_KEY_FILE must name the key/,
  );
  for (const alone of [key, authority]) {
    assert.throws(
      () => givenFiles({ [alone]: '/b.pem' }),
      new RegExp(`^Error: MESH_GATEWAY_CERTIFICATE_FILE must name the certificate that ${alone} goes with`),
    );
  }
});
