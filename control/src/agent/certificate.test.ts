/** The certificate of a pod, from a control service that signs: kept, renewed, and kept when that is down. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { authorityFile, ensureAuthority, identityFiles, readIdentity } from '@microshop/envoy';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { createLogger, createService } from '@microshop/service-kit';
import type { Identity } from '@microshop/topology';
import type { ReplicaState } from '../replicas/schemas.ts';
import { registerSigning } from '../replicas/signing.ts';
import { authorityName } from '../replicas/state.ts';
import { keepCertificate } from './certificate.ts';
import type { AgentSettings } from './settings.ts';

async function signerOf(t: TestContext, identity: Identity, lifetimeSeconds = 4) {
  const root = await mkdtemp(path.join(tmpdir(), 'microshop-agent-certificate-'));
  const control = await createService({ name: 'control', logger: createLogger('control', 'silent') });
  /** The authority that the state names. */
  let signs: string | null = null;
  const shown: (string | undefined)[] = [];
  registerSigning(
    control,
    {
      publish: ({ authority = null }) => {
        signs = authority;
      },
    },
    async ({ headers }) => {
      shown.push(headers.authorization);
      return { identity, pod: 'users-a' };
    },
    { directory: path.join(root, 'control'), lifetimeSeconds },
  );
  const settings: AgentSettings = {
    identity: 'users',
    pod: 'users-a',
    address: '127.0.0.1',
    control: await control.listen({ host: '127.0.0.1', port: 0 }),
    envoy: '',
    directory: path.join(root, 'pod'),
    token: path.join(root, 'token'),
    breakers: undefined,
    issued: undefined,
  };
  await writeFile(settings.token, 'first\n');
  const lines: { message: string; fields: object }[] = [];
  const add = (fields: object, message: string) => void lines.push({ message, fields });
  const log = { info: add, warn: add, error: add };
  t.after(() => rm(root, { recursive: true }));
  const holder = {
    signs(authority: string) {
      signs = authority;
    },
    state: (): ReplicaState => ({
      version: '000000000000',
      replica: 1,
      authority: signs,
      faults: [],
      policies: [],
    }),
  };
  const certificates = path.join(settings.directory, 'certificates');
  return { root, control, settings, holder, log, lines, shown, certificates };
}

test('it is made with a key of the pod, renewed at half of its life with the token of then, and stays while nobody signs', async (t) => {
  const { control, settings, holder, log, lines, shown, certificates } = await signerOf(t, 'users');
  const own = await keepCertificate(settings, holder, log);
  t.after(() => own.end());
  const serial = async () => (await readIdentity(certificates, 'users'))?.serialNumber;
  await eventually('there is one', own.isThere);
  const first = await serial();
  assert.ok(first);
  const files = identityFiles(certificates, 'users');
  assert.match(await readFile(files.secrets.identity, 'utf8'), /private_key/);
  assert.match(await readFile(files.secrets.trust, 'utf8'), /trusted_ca/);
  await writeFile(settings.token, 'second\n');
  await eventually('it is another one', async () => (await serial()) !== first, 4000);
  assert.deepEqual([shown[0], shown.at(-1)], ['Bearer first', 'Bearer second']);

  await control.close();
  const last = await serial();
  const failures = () => lines.filter(({ message }) => /cannot be renewed/.test(message));
  await eventually('it cannot be renewed', () => failures().length > 0);
  const next = await keepCertificate(settings, holder, log);
  assert.ok(next.isThere(), 'the next process goes on with it');
  await next.end();
  assert.equal(await serial(), last);
  assert.ok(!/PRIVATE|Bearer|second/.test(JSON.stringify(lines)), 'neither key nor token is logged');
});

test('when another authority signs, it is replaced at once, whatever is left of its life', async (t) => {
  const { control, settings, holder, root, log, certificates } = await signerOf(t, 'users', 3600);
  const own = await keepCertificate(settings, holder, log);
  t.after(async () => {
    await own.end();
    await control.close();
  });
  await eventually('there is one', own.isThere);
  const trust = () => readFile(identityFiles(certificates, 'users').trust, 'utf8');
  const first = await trust();
  // what was kept of the control service is lost
  await rm(authorityFile(path.join(root, 'control')));
  const { certificate } = await ensureAuthority(path.join(root, 'control'));
  holder.signs(authorityName(certificate));
  await eventually('it is of the other', async () => (await trust()).trim() === certificate.trim());
  assert.notEqual(await trust(), first);
  const authority = new X509Certificate(certificate).publicKey;
  // whom it trusts is written before what it shows
  await eventually('so is what it shows', async () =>
    (await readIdentity(certificates, 'users'))?.verify(authority),
  );
});

test('one in the name of another is not taken', async (t) => {
  const { control, settings, holder, log, lines, certificates } = await signerOf(t, 'orders');
  const own = await keepCertificate(settings, holder, log);
  await eventually('it is refused', () => lines.length > 0);
  assert.match(JSON.stringify(lines), /body\.certificate is not one of spiffe:\/\/microshop\.mesh\/users/);
  assert.ok(!own.isThere());
  assert.equal(await readIdentity(certificates, 'users'), undefined);
  await own.end();
  await control.close();
});
