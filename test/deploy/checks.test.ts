/** What must hold of the compose file whatever writes it; no engine is needed. Each check has a case that trips it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComposeFile, composeFile, type serviceOf, textOf } from './compose-file.ts';
import { hardeningProblems, memorySum } from './hardening.ts';
import { dockerfileProblems, imageProblems } from './images.ts';
import { isolationProblems } from './isolation.ts';
import { keptTracesProblems } from './kept-traces.ts';
import { portProblems } from './ports.ts';
import { environmentProblems, secretProblems } from './secrets.ts';

type Change = Partial<ReturnType<typeof serviceOf>>;

/** The compose file with one service changed. */
function changed(name: string, change: Change): ComposeFile {
  const file = composeFile();
  const service = file.services[name] ?? assert.fail(`no service ${name}`);
  return { ...file, services: { ...file.services, [name]: { ...service, ...change } } };
}

/** One of the problems must say so. */
function assertReported(problems: readonly string[], expected: RegExp): void {
  assert.ok(
    problems.some((problem) => expected.test(problem)),
    `${expected}: ${problems.join('; ')}`,
  );
}

test('ports: names, variables and numbers of the topology, on loopback', () => {
  assert.deepEqual(portProblems(composeFile()), []);
  const publish = (...ports: string[]) => portProblems(changed('redis', { ports }));
  const redis = `127.0.0.1:\${MESH_PORT_REDIS:-6379}:6379`;
  assert.match(publish('6379:6379')[0] ?? '', /redis: "6379:6379" is not 127\.0\.0\.1/);
  assert.match(publish(redis.replace('127.0.0.1', '0.0.0.0'))[0] ?? '', /is not 127\.0\.0\.1/);
  assert.deepEqual(publish(redis.replace(':-6379', ':-6380')), [
    `redis: "127.0.0.1:\${MESH_PORT_REDIS:-6380}:6379", but redis is 6379 in the topology`,
  ]);
  assert.deepEqual(publish(), ['redis is not published']);
  assert.deepEqual(publish(redis, `127.0.0.1:\${MESH_PORT_EPMD:-4369}:4369`), [
    'epmd is published, but not in the contract',
  ]);
});

test('rights: every service', () => {
  assert.deepEqual(hardeningProblems(composeFile()), []);
  const cases: [Change, string][] = [
    [{ user: 'root' }, 'names no user, or root'],
    [{ user: '0:0' }, 'names no user, or root'],
    [{ read_only: false }, 'is not read_only'],
    [{ cap_drop: ['NET_RAW'] }, 'does not drop ALL capabilities'],
    [{ cap_add: ['NET_ADMIN'] }, 'adds capabilities'],
    [{ privileged: true }, 'is privileged'],
    [{ security_opt: [] }, 'lacks no-new-privileges'],
    [{ mem_limit: '1g' }, 'has no mem_limit in MiB (like 128m)'],
    [{ pids_limit: 0 }, 'has no pids_limit'],
    [{ logging: { driver: 'json-file' } }, 'keeps its log without a bound (json-file with max-size)'],
    [{ network_mode: 'host' }, 'leaves the networks'],
    [{ volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'] }, "mounts the engine's socket"],
    [{ volumes: ['./lab:/lab'] }, 'can write to a directory of the host'],
    [{ restart: 'always' }, 'has another restart policy'],
    [
      { container_name: 'jaeger' },
      'has no container_name of its own, so that compose would begin a second one',
    ],
  ];
  for (const [change, what] of cases) {
    assert.deepEqual(hardeningProblems(changed('jaeger', change)), [`jaeger ${what}`]);
  }
});

test('memory: the file tells the sum of the limits', () => {
  const sum = memorySum(composeFile());
  const slim = memorySum(composeFile(), ['grafana']);
  assert.ok(textOf('docker-compose.yml').includes(`${sum} MiB (${slim} without Grafana)`), `${sum}, ${slim}`);
  assert.equal(memorySum(changed('redis', { mem_limit: '97m' })), sum + 1);
});

test('networks: only those who must reach a server share one with it', () => {
  assert.deepEqual(isolationProblems(composeFile()), []);
  const cases: [string, Change, RegExp][] = [
    ['control', { networks: ['mesh', 'telemetry', 'orders-db'] }, /members of orders-db is .*"control"/],
    ['users-pod', { networks: ['mesh', 'telemetry', 'users-db', 'audit'] }, /members of audit is .*"users"/],
    ['redis', { networks: ['orders-db'] }, /members of cache is \["products",/],
  ];
  for (const [name, change, expected] of cases) {
    assertReported(isolationProblems(changed(name, change)), expected);
  }
});

test('secrets: in no environment', () => {
  assert.deepEqual(environmentProblems(composeFile()), []);
  assert.deepEqual(environmentProblems(changed('redis', { environment: { REDIS_PASSWORD: 'x' } })), [
    'redis has a secret in its environment: REDIS_PASSWORD',
  ]);
});

test('secrets: each consumer mounts its own, and only reads', () => {
  assert.deepEqual(secretProblems(composeFile()), []);
  const cases: [string, Change, RegExp][] = [
    ['users', { volumes: ['secrets-orders:/run/mesh-secrets:ro'] }, /users mounts secrets-orders/],
    ['users', { volumes: ['secrets-users:/run/mesh-secrets'] }, /users does not mount .*:ro/],
    ['postgres', { user: '70:70' }, /postgres is not in the group 999/],
    ['control', { group_add: [] }, /control is not in the group 999/],
  ];
  for (const [name, change, expected] of cases) {
    assertReported(secretProblems(changed(name, change)), expected);
  }
});

test('the Dockerfile asks no registry for its own syntax', () => {
  const dockerfile = textOf('deploy/Dockerfile');
  assert.deepEqual(dockerfileProblems(dockerfile), []);
  assert.deepEqual(dockerfileProblems(`# syntax=docker/dockerfile:1\n${dockerfile}`), [
    'the Dockerfile has a # syntax= line',
  ]);
});

test('images: pinned', () => {
  assert.deepEqual(imageProblems(composeFile()), []);
  const trip = (image: string) => imageProblems(changed('gateway', { image }));
  assert.deepEqual(trip('envoyproxy/envoy'), ['gateway: envoyproxy/envoy is not pinned by a version']);
  assert.deepEqual(trip('envoyproxy/envoy:latest'), [
    'gateway: envoyproxy/envoy:latest is not pinned by a version',
  ]);
  assert.deepEqual(trip(`envoyproxy/envoy:v1.40.0@sha256:${'0'.repeat(64)}`), []);
  assert.deepEqual(trip('envoyproxy/envoy:v1.40.0@sha256:0'), [
    'gateway: envoyproxy/envoy:v1.40.0@sha256:0 is not pinned by a version',
  ]);
  assert.deepEqual(imageProblems(changed('users', { image: 'microshop/users' })), [
    'users: the image we build is called microshop/users',
  ]);
});

test('the file that keeps traces: Jaeger writes on a volume it may write on, and nowhere else', () => {
  const over = textOf('deploy/compose-keep-traces.yaml');
  const problems = (text: string, configOf = textOf) => keptTracesProblems(composeFile(), text, configOf);
  assert.deepEqual(problems(over), []);
  assert.deepEqual(problems(over.replace('!reset []', '[]')), ['/tmp is in memory as well']);
  assert.deepEqual(problems(over.replace('traces:/tmp', 'traces:/data')), [
    'no volume of its own is mounted over /tmp',
  ]);
  assert.deepEqual(problems(over.replace('/etc/jaeger/jaeger.yaml', '/etc/jaeger/other.yaml')), [
    'it mounts nothing over /etc/jaeger/jaeger.yaml',
  ]);
  const elsewhere = (file: string) =>
    textOf(file).replace('/tmp/traces/keys', '/var/keys').replace('ephemeral: false', 'ephemeral: true');
  assertReported(problems(over, elsewhere), /^\/var\/keys is on no volume$/);
  assertReported(problems(over, elsewhere), /forgets traces at the end$/);
});
