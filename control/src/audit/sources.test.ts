import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { auditSources } from './sources.ts';

test('a password with what an address reads as its own signs arrives at the broker as it is', async (t) => {
  const secrets = await mkdtemp(path.join(tmpdir(), 'mesh-secrets-'));
  t.after(() => rm(secrets, { recursive: true }));
  const password = 'a@b:c/d#e?f%g%41';
  await mkdir(path.join(secrets, 'rabbitmq'));
  await writeFile(path.join(secrets, 'rabbitmq', 'rabbitmq-password'), `${password}\n`);
  const sources = auditSources({
    MESH_SECRETS_DIR: secrets,
    MESH_URL_AMQP: 'amqps://mq.example.com:5671',
  });
  const url = new URL(await sources.amqpUrl());
  assert.deepEqual(
    [url.protocol, url.username, decodeURIComponent(url.password), url.host, url.pathname + url.hash],
    ['amqps:', 'shop', password, 'mq.example.com:5671', ''],
  );
  assert.equal((await sources.brokerCredentials()).password, password);
});
