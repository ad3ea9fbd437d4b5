/** A whole mesh that speaks plain HTTP/2 between its pods, as `mutual-tls` starts it, and the figures of one: both are shown on it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { callerHeader, podPorts } from '@microshop/topology';
import { usual } from '../setup.ts';
import { openMeshes } from '../testing/meshes.ts';
import { measureRest } from './rest.ts';
import { measureSidecar } from './sidecar.ts';

test('figures of a mesh without mutual TLS: its orders end, their traces are whole, and nothing is encrypted', async (t) => {
  const { instance, meshes, signal } = await openMeshes(t);
  const mesh = await meshes.with({ ...usual, mutualTls: false });

  const plan = { settle: 1, rest: 1, warmUp: 1, load: 2, orders: 10, after: 1 };
  let rest = await measureRest(mesh, signal, plan);
  // a busy machine refuses too many for a measurement, which says so and is made again
  for (let again = 0; again < 3 && / orders were refused$/.test(rest.fault ?? ''); again += 1) {
    rest = await measureRest(mesh, signal, plan);
  }
  assert.equal(rest.fault, undefined);
  assert.deepEqual(
    rest.spans.map(({ name, busy }) => [name, busy]),
    [
      ['at rest', false],
      ['load', true],
      ['after load', false],
    ],
  );
  const figureNamed = (name: RegExp) =>
    rest.figures.find((one) => name.test(one.name)) ?? assert.fail(`${name}`);
  const memory = figureNamed(/memory/);
  for (const row of ['services', 'Envoys', 'PostgreSQL', 'RabbitMQ', 'Redis', 'Jaeger', 'control']) {
    assert.ok((memory.of?.[row] ?? 0) > 1, `${row} has memory`);
  }
  assert.ok(figureNamed(/orders accepted/).value > 0);
  assert.ok(figureNamed(/accepted ÷ ended/).value >= 1);

  const sidecar = await measureSidecar(mesh, signal, { rate: 20, warmUp: 1, seconds: 1 });
  const memoryOfOne = sidecar.figures.find(({ name }) => /resident/.test(name))?.value ?? 0;
  assert.ok(memoryOfOne > 5 && memoryOfOne < 500, `${memoryOfOne} MB`);

  // no certificate is needed to call a pod, and who calls is what the header says
  const pod = meshSettings(instance)
    .placement()
    .pods.find(({ service }) => service === 'users');
  const statusFor = async (headers: Record<string, string>) => {
    const url = `http://${pod?.inboundBind}:${podPorts.inbound}/api/users?limit=1`;
    return (await fetch(url, { headers })).status;
  };
  assert.equal(await statusFor({ [callerHeader]: 'gateway' }), 200);
  assert.equal(await statusFor({ [callerHeader]: 'products' }), 403);
});
