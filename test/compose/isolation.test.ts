/** Who reaches whom on the network: an app only through its sidecar, a server only who uses it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podPorts, services } from '@microshop/topology';
import { inContainer } from '../harness/docker.ts';

/** Connects from a container of ours; `connected`, or the code of the error. */
async function connectFrom(service: string, targets: readonly string[]): Promise<Record<string, string>> {
  const program = `
    const { connect } = require('node:net');
    const reach = (target) => new Promise((resolve) => {
      const [host, port] = target.split(':');
      const socket = connect({ host, port: Number(port), timeout: 20_000 });
      const end = (outcome) => { socket.destroy(); resolve([target, outcome]); };
      socket.on('connect', () => end('connected'));
      socket.on('error', (error) => end(error.code));
      socket.on('timeout', () => end('timeout'));
    });
    Promise.all(process.argv.slice(1).map(reach)).then((all) => console.log(JSON.stringify(Object.fromEntries(all))));`;
  return JSON.parse(await inContainer(service, 'node', '-e', program, '--', ...targets));
}

test('an app answers only its sidecar', async () => {
  const at = (port: number) => services.map(({ name }) => `${name}:${port}`);
  const [inbound, app, outbound] = [at(podPorts.inbound), at(podPorts.app), at(podPorts.outbound)];
  const fromControl = await connectFrom('control', [...inbound, ...app, ...outbound]);
  for (const target of inbound) assert.equal(fromControl[target], 'connected', target);
  for (const target of [...app, ...outbound]) assert.equal(fromControl[target], 'ECONNREFUSED', target);

  await Promise.all(
    services.map(async ({ name }) => {
      const peers = app.filter((target) => !target.startsWith(`${name}:`));
      const outcome = await connectFrom(name, peers);
      for (const target of peers) assert.equal(outcome[target], 'ECONNREFUSED', `${name} to ${target}`);
    }),
  );
});

test('a service reaches the servers it uses and no other', async () => {
  const servers = ['postgres:5432', 'rabbitmq:5672', 'rabbitmq:15672', 'redis:6379'];
  const uses: Readonly<Record<string, readonly string[]>> = {
    users: ['postgres:5432'],
    products: servers,
    orders: ['postgres:5432', 'rabbitmq:5672', 'rabbitmq:15672'],
    // it audits databases and broker, and tells how the servers are
    control: servers,
  };
  await Promise.all(
    Object.entries(uses).map(async ([service, used]) => {
      const outcome = await connectFrom(service, servers);
      for (const server of servers) {
        // who shares no network with a server does not even find its name
        const expected = used.includes(server) ? ['connected'] : ['ENOTFOUND', 'EAI_AGAIN'];
        assert.ok(expected.includes(outcome[server] ?? ''), `${service} to ${server}: ${outcome[server]}`);
      }
    }),
  );
});
