import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { brokerUser } from '@microshop/deploy/settings/rabbitmq';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { portOf } from '@microshop/topology';
import { connect } from 'amqplib';
import { request } from 'undici';
import { readSecret } from './context.ts';
import { endEpmd, rabbitmqPart } from './rabbitmq.ts';
import { openPorts, started, testMesh } from './testing/mesh-directory.ts';

test('the broker takes quorum queues from its one user, is its own pid, has its alarm, and leaves no epmd', async (t) => {
  const instance = testInstance('integration');
  const mesh = await testMesh(t, ['rabbitmq']);
  const part = rabbitmqPart(mesh);
  const { amqp, management, metrics } = mesh.placement.rabbitmq;
  const password = await readSecret(mesh, 'rabbitmq');
  const running = await started(t, part);

  assert.equal((await readFile(`/proc/${running.pid}/comm`, 'utf8')).trim(), 'beam.smp');
  assert.equal((await openPorts(part)).length, part.ports.length, 'every port named is one the broker binds');

  const to = { hostname: amqp.host, port: amqp.port };
  await assert.rejects(connect({ ...to, username: 'guest', password: 'guest' }), /ACCESS.REFUSED/i);
  const connection = await connect({ ...to, username: brokerUser, password });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('q', {
    durable: true,
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 20 },
  });
  channel.sendToQueue('q', Buffer.from('kept'), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();

  const authorization = `Basic ${Buffer.from(`${brokerUser}:${password}`).toString('base64')}`;
  const queues = await request(`http://${management.host}:${management.port}/api/queues`, {
    headers: { authorization },
    reset: true,
  });
  assert.match(await queues.body.text(), /"name":"q"/);
  const scraped = await request(`http://${metrics.host}:${metrics.port}/metrics`, { reset: true });
  assert.ok(
    (await scraped.body.text()).includes(`rabbitmq_node="mesh${instance}@localhost"`),
    'metrics name the node',
  );

  await t.test('it has its memory alarm, and has it no more', async () => {
    const state = part.impairments?.['memory-alarm'];
    assert.ok(state !== undefined);
    await state.begin();
    await eventually('it says so', async () => ((await state.seen()).in_effect ? true : undefined));
    await state.end();
    await eventually('it is over', async () => ((await state.seen()).in_effect ? undefined : true));
  });

  // an epmd that serves a running VM stays: it may be another broker's
  const epmd = { host: '127.0.0.1', port: portOf('epmd', instance, {}) };
  await assert.rejects(endEpmd(epmd, (await part.process()).env), /does not end: .*Killing not allowed/s);

  await running.stop();
  assert.deepEqual(await openPorts(part), []);
});
