import assert from 'node:assert/strict';
import { test } from 'node:test';
import { services } from '@microshop/topology';
import { get } from './context.ts';
import { envoyParts } from './envoy.ts';
import { redisPart } from './redis.ts';
import { jaegerPart, prometheusPart } from './telemetry.ts';
import { filesOfEnvoys, openPorts, started, testMesh } from './testing/mesh-directory.ts';

test('Redis, Jaeger and Prometheus bind the ports they name and leave none', async (t) => {
  const mesh = await testMesh(t, ['redis', 'jaeger', 'prometheus']);
  const parts = [redisPart(mesh), jaegerPart(mesh), prometheusPart(mesh)];
  const running = await Promise.all(parts.map((part) => started(t, part)));
  for (const part of parts) {
    assert.equal((await openPorts(part)).length, part.ports.length, part.name);
  }
  await Promise.all(running.map((each) => each.stop()));
  for (const part of parts) assert.deepEqual(await openPorts(part), [], part.name);
});

test('Jaeger is healthy by its state, not by a page that answers 200', async (t) => {
  const mesh = await testMesh(t, ['jaeger']);
  const part = jaegerPart(mesh);
  await started(t, part);
  const { jaeger } = mesh.placement;
  assert.equal((await get(jaeger.query, '/no/such/path', AbortSignal.timeout(5000))).status, 200);
  const misled = jaegerPart({
    ...mesh,
    placement: { ...mesh.placement, jaeger: { ...jaeger, health: jaeger.query } },
  });
  assert.equal(await misled.healthy(AbortSignal.timeout(5000)), false);
});

test('gateway and sidecars go live, bind the ports they name, and leave none', async (t) => {
  const mesh = await testMesh(t, ['envoy']);
  await filesOfEnvoys(mesh);
  const parts = envoyParts(mesh);
  assert.deepEqual(
    parts.map((part) => part.name),
    [...services.map(({ name }) => `${name}-sidecar`), 'gateway'],
  );
  const running = await Promise.all(parts.map((part) => started(t, part)));
  for (const part of parts) assert.equal((await openPorts(part)).length, part.ports.length, part.name);
  await Promise.all(running.map((each) => each.stop()));
  for (const part of parts) assert.deepEqual(await openPorts(part), [], part.name);
});
