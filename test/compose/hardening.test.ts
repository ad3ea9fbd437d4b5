/** No container has more rights than it needs: neither in the engine's settings, nor in what its processes hold. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allContainers, type Container, docker, dockerDone, inContainer } from '../harness/docker.ts';
import { violations } from '../harness/hardening.ts';

/** Services of the profile `tools`; they have a container only while they are used. */
const onDemand = ['mesh', 'k6'];

let containers: ReadonlyMap<string, Container>;
before(async () => {
  await dockerDone(['compose', '--profile', 'tools', 'create', '--no-recreate', ...onDemand]);
  containers = await allContainers();
});
after(() => dockerDone(['compose', '--profile', 'tools', 'rm', '--force', '--stop', ...onDemand]));

test('every container, also those on demand, is non-root, read-only, without capabilities, limited, on loopback', () => {
  for (const service of [
    'gateway',
    'orders-pod',
    'orders',
    'orders-sidecar',
    'postgres',
    'control',
    ...onDemand,
  ]) {
    assert.ok(containers.has(service), `${service} has a container`);
  }
  const found = [...containers].map(([service, container]) => [service, violations(container)] as const);
  assert.deepEqual(
    found.filter(([, wrong]) => wrong.length > 0),
    [],
  );
});

test('a container without any of it is found out', async () => {
  const { Image } = containers.get('control') ?? assert.fail('control has no container');
  const id = (
    await dockerDone([
      ...['create', '--user', 'root', '--cap-add', 'NET_ADMIN', '--publish', '0.0.0.0::8090'],
      ...[
        '--security-opt',
        'seccomp=unconfined',
        '--volume',
        '/var/run/docker.sock:/var/run/docker.sock',
        Image,
      ],
    ])
  ).trim();
  try {
    const [container]: Container[] = JSON.parse(await dockerDone(['inspect', id]));
    assert.ok(container !== undefined);
    assert.deepEqual(violations(container), [
      'runs as root',
      'its root file system can be written',
      'keeps capabilities',
      'adds capabilities: CAP_NET_ADMIN',
      'may gain privileges',
      'switches a profile off',
      'has no limit on memory',
      'has no limit on processes',
      'publishes a port beyond loopback',
      "mounts the engine's socket",
      'can write to a directory of the host',
    ]);
  } finally {
    await dockerDone(['rm', '--force', id]);
  }
});

test('the first process of each container has no capability, no way to one, and is not root', async () => {
  const running = [...containers].filter(([, { State }]) => State.Status === 'running');
  await Promise.all(
    running.map(async ([service, { Id }]) => {
      const status = await dockerDone(['exec', Id, 'cat', '/proc/1/status']);
      const value = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
      assert.deepEqual(
        [value('CapEff'), value('CapBnd'), value('NoNewPrivs')],
        ['0000000000000000', '0000000000000000', '1'],
        service,
      );
      assert.notEqual(value('Uid'), '0', service);
    }),
  );
});

test('ours cannot write into their image', async () => {
  const write = 'touch /app/mine 2>&1; touch /mine 2>&1; touch /tmp/mine && echo tmp can be written';
  await Promise.all(
    ['users', 'products', 'orders', 'control'].map(async (service) => {
      const said = await inContainer(service, 'sh', '-c', write);
      assert.equal(said.match(/Read-only file system/g)?.length, 2, said);
      assert.match(said, /tmp can be written/);
    }),
  );
});

test('a second one of anything is refused in a sentence, and nothing is started', async () => {
  const before = [...(await allContainers()).values()].map(({ Id }) => Id).sort();
  for (const service of ['orders', 'orders-sidecar', 'orders-pod', 'gateway', 'redis']) {
    const up = ['compose', 'up', '--detach', '--wait', '--no-build', '--no-recreate', '--pull', 'never'];
    const { code, stderr } = await docker([...up, '--scale', `${service}=2`]);
    assert.notEqual(code, 0, service);
    assert.match(stderr, new RegExp(`"${service}" service is using the custom container name`), service);
  }
  assert.deepEqual([...(await allContainers()).values()].map(({ Id }) => Id).sort(), before);
});
