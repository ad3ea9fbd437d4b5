import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { authorityFile } from '@microshop/envoy';
import { makeRequest } from '@microshop/envoy/certificates/issue';
import { createLogger, createService, ProblemError } from '@microshop/service-kit';
import { problemOf } from '../service/problem.ts';
import { createRegistry } from './registry.ts';
import { certificatePath } from './schemas.ts';
import { registerSigning } from './signing.ts';

async function signingOf(t: TestContext) {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-signing-'));
  const fastify = await createService({
    name: 'control',
    logger: createLogger('control', 'silent'),
    problemOf,
  });
  const access = async ({ headers }: { headers: { authorization?: string | undefined } }) => {
    if (headers.authorization === undefined) throw new ProblemError(401, 'unauthorized', 'no token');
    return { identity: 'orders', pod: 'orders-a' } as const;
  };
  registerSigning(fastify, createRegistry(), access, { directory, lifetimeSeconds: 600 });
  await fastify.ready();
  t.after(async () => {
    await fastify.close();
    await rm(directory, { recursive: true });
  });
  const post = async (payload: object, headers = { authorization: 'Bearer good' }) => {
    const answer = await fastify.inject({ method: 'POST', url: certificatePath, payload, headers });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { directory, post, fastify };
}

test('a pod gets a certificate in its own name, for its key, by the authority, for the time that is set', async (t) => {
  const { directory, post } = await signingOf(t);
  const { request, key } = await makeRequest();
  const { status, body } = await post({ request });
  assert.equal(status, 200, JSON.stringify(body));
  const certificate = new X509Certificate(body.certificate);
  const authority = new X509Certificate(await readFile(authorityFile(directory)));
  assert.equal(body.trust.trim(), authority.toString().trim());
  assert.ok(certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
  assert.equal(certificate.subjectAltName, 'URI:spiffe://microshop.mesh/orders');
  assert.equal(certificate.ca, false);
  const left = (Date.parse(certificate.validTo) - Date.now()) / 1000;
  assert.ok(left > 540 && left <= 600, `${left} s`);
  assert.ok(!JSON.stringify(body).includes('PRIVATE'));
  // the authority is the one that was there before
  assert.equal((await post({ request: (await makeRequest()).request })).body.trust, body.trust);
});

test('what cannot be signed is refused with the name of the field', async (t) => {
  const { post } = await signingOf(t);
  const { request } = await makeRequest();
  const other = await makeRequest();
  // the last bytes are the signature
  const signatureOf = (pem: string) => pem.slice(-110);
  const forged = request.slice(0, -110) + signatureOf(other.request);
  for (const [payload, said] of [
    [{ request: 'please' }, /^body\.request must be a certificate request/],
    [{ request: '' }, /^body\.request must NOT have fewer than 1/],
    [{ request: request.repeat(20) }, /^body\.request must NOT have more than 4096/],
    [{ request: forged }, /^body\.request must be (?:signed with its own key|a certificate request)/],
    [{ request: rsaKey() }, /^body\.request must be a certificate request/],
    [{ request, identity: 'gateway' }, /^body\.identity is not a known field/],
    [{}, /^body\.request is required/],
  ] as const) {
    const { status, body } = await post(payload);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(body.detail, said);
  }
});

test('whatever a signature is made of, one that is wrong is refused as such', async (t) => {
  const { post } = await signingOf(t);
  const { request } = await makeRequest();
  const lines = request.trim().split('\n');
  const body = Buffer.from(lines.slice(1, -1).join(''), 'base64');
  // the last bytes are the signature: two numbers in DER, of which some of these make nothing that can be read
  for (let back = 1; back <= 72; back += 1) {
    const forged = Buffer.from(body);
    forged[forged.length - back] = (forged.at(-back) ?? 0) ^ 0xff;
    const pem = [lines[0], forged.toString('base64'), lines.at(-1), ''].join('\n');
    const answer = await post({ request: pem });
    assert.equal(answer.status, 400, `byte ${back} from the end: ${JSON.stringify(answer.body)}`);
    assert.match(answer.body.detail, /^body\.request must be /);
  }
});

test('without a token there is no certificate', async (t) => {
  const { fastify } = await signingOf(t);
  const { request } = await makeRequest();
  const answer = await fastify.inject({ method: 'POST', url: certificatePath, payload: { request } });
  assert.equal(answer.statusCode, 401);
});

/** A PEM block that is no request. */
function rsaKey(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
