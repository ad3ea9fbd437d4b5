/** Compose, topology and contract are held against each other; no engine is needed. Each check has a case that trips it. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { breakerProblems } from './breakers.ts';
import { type ComposeFile, composeFile, root, type serviceOf, textOf } from './compose-file.ts';
import { environmentProblems } from './environment.ts';
import { hardeningProblems, memorySum } from './hardening.ts';
import { dockerfileProblems, imageProblems } from './images.ts';
import { keptTracesProblems } from './kept-traces.ts';
import { podProblemsOf } from './pods.ts';
import { exampleProblems, portProblems } from './ports.ts';
import { privateLogProblems } from './private-logs.ts';
import { secretProblems } from './secrets.ts';

const dockerfile = textOf('deploy/Dockerfile');
const folders = globSync(
  ['{packages,services}/*/package.json', '{observability,envoy,grafana,load-tests,lab}/package.json'],
  {
    cwd: root,
  },
).map((file) => path.dirname(file));

type Change = Partial<ReturnType<typeof serviceOf>>;

/** The compose file with one service changed. */
function changed(name: string, change: Change): ComposeFile {
  const file = composeFile();
  const service = file.services[name] ?? assert.fail(`no service ${name}`);
  return { ...file, services: { ...file.services, [name]: { ...service, ...change } } };
}

/** One of the problems must say so. */
function assertTold(problems: readonly string[], expected: RegExp): void {
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

test('.env.example shows every published port with its default', () => {
  const example = textOf('.env.example');
  assert.deepEqual(exampleProblems(example), []);
  assert.deepEqual(exampleProblems(example.replace('#MESH_PORT_REDIS=6379', '#MESH_PORT_REDIS=6380')), [
    '.env.example lacks #MESH_PORT_REDIS=6379',
    '.env.example has #MESH_PORT_REDIS=6380',
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

test('memory: the file and its page tell the sum of the limits', () => {
  const sum = memorySum(composeFile());
  const slim = memorySum(composeFile(), ['grafana']);
  assert.ok(textOf('docker-compose.yml').includes(`${sum} MiB (${slim} without Grafana)`), `${sum}, ${slim}`);
  assert.ok(textOf('docs/compose.md').includes(`${sum} MiB (${slim} without Grafana)`), `${sum}, ${slim}`);
  assert.equal(memorySum(changed('redis', { mem_limit: '97m' })), sum + 1);
});

test('services, pods, networks and edges of the topology', () => {
  assert.deepEqual(podProblemsOf(composeFile()), []);
  const { redis, ...rest } = composeFile().services;
  assert.ok(redis !== undefined);
  assert.match(podProblemsOf({ ...composeFile(), services: rest })[0] ?? '', /names of the services/);
  const cases: [string, Change, RegExp][] = [
    ['users', { network_mode: 'service:orders-pod' }, /users: network_mode is "service:orders-pod"/],
    ['users-sidecar', { depends_on: {} }, /users-sidecar: restart with its pod is undefined, not true/],
    ['users-pod', { networks: ['mesh', 'telemetry', 'users-db'] }, /users-pod: its name on mesh is \[\]/],
    ['users', { environment: { HOST: '0.0.0.0' } }, /users: HOST is "0\.0\.0\.0", not "127\.0\.0\.1"/],
    ['users', { depends_on: {} }, /users: waits for PostgreSQL is undefined/],
    ['redis', { networks: ['orders-db'] }, /products and redis share no network/],
    ['control', { networks: ['mesh', 'telemetry', 'orders-db'] }, /members of orders-db is .*"control"/],
    ['gateway', { command: ['envoy'] }, /gateway: command is \["envoy"\]/],
    ['gateway', { volumes: [] }, /gateway does not mount its own configuration/],
    ['users-sidecar', { environment: { HEALTH: '127.0.0.1:9901/ready' } }, /users-sidecar: HEALTH is .*127/],
    ['users', { healthcheck: { test: ['CMD', 'true'] } }, /users stays in a namespace without a network/],
    ['users-pod', { healthcheck: { test: ['CMD', 'true'] } }, /users-pod does not reach 3000, 15006/],
  ];
  for (const [name, change, expected] of cases) {
    assertTold(podProblemsOf(changed(name, change)), expected);
  }
});

test('environment: what the programs read, at the addresses of the topology, without a secret', () => {
  assert.deepEqual(environmentProblems(composeFile()), []);
  const users = composeFile().services['users']?.environment ?? {};
  const control = composeFile().services['control']?.environment ?? {};
  const { DATABASE_URL, ...without } = users;
  const cases: [string, Record<string, string>, RegExp][] = [
    ['users', { ...users, REDIS_URL: 'redis://redis:6379' }, /users does not read REDIS_URL/],
    ['users', without, /users: .*DATABASE_URL/],
    ['users', { ...users, DATABASE_URL: `${DATABASE_URL}x` }, /users: DATABASE_URL is .*users_dbx, not/],
    ['users', { ...users, LOG_LEVEL: 'loud' }, /users: .*LOG_LEVEL/],
    [
      'control',
      { ...control, MESH_URL_JAEGER: 'http://jaeger:1' },
      /control: MESH_URL_JAEGER is http:\/\/jaeger:1/,
    ],
    [
      'control',
      { ...control, MESH_PORT_JAEGER: '1' },
      /control: MESH_PORT_JAEGER is 1, not \$\{MESH_PORT_JAEGER:-\}/,
    ],
    ['grafana', {}, /grafana: MESH_PORT_JAEGER is undefined, not \$\{MESH_PORT_JAEGER:-16686\}/],
    ['redis', { REDIS_PASSWORD: 'x' }, /redis has a secret in its environment: REDIS_PASSWORD/],
  ];
  for (const [name, environment, expected] of cases) {
    assertTold(environmentProblems(changed(name, { environment })), expected);
  }
});

test('secrets: each consumer mounts its own, and only reads', () => {
  assert.deepEqual(secretProblems(composeFile(), dockerfile), []);
  const cases: [string, Change, RegExp][] = [
    ['users', { volumes: ['secrets-orders:/run/mesh-secrets:ro'] }, /users mounts secrets-orders/],
    ['users', { volumes: ['secrets-users:/run/mesh-secrets'] }, /users does not mount .*:ro/],
    ['postgres', { user: '70:70' }, /postgres is not in the group 999/],
    ['control', { group_add: [] }, /control is not in the group 999/],
    ['control', { volumes: [] }, /control does not mount secrets-audit/],
  ];
  for (const [name, change, expected] of cases) {
    assertTold(secretProblems(changed(name, change), dockerfile), expected);
  }
  const { volumes, ...rest } = composeFile();
  const { 'secrets-users': _, ...fewer } = volumes;
  assert.match(secretProblems({ ...rest, volumes: fewer }, dockerfile)[0] ?? '', /the volumes are/);
  assert.match(
    secretProblems(composeFile(), dockerfile.replace(' audit;', ';'))[0] ?? '',
    /\/secrets\/audit/,
  );
});

test('breakers: who has some mounts the volume of their policies, and so does the control service', () => {
  assert.deepEqual(breakerProblems(composeFile(), dockerfile), []);
  const { environment = {} } = composeFile().services['orders'] ?? {};
  const cases: [string, Change, RegExp][] = [
    ['users', { volumes: ['breakers-orders:/run/mesh-breakers'] }, /users mounts "breakers-orders/],
    ['orders', { volumes: ['breakers-orders:/run/mesh-breakers:ro'] }, /orders mounts .*:ro", not/],
    [
      'orders',
      { environment: { ...environment, MESH_BREAKERS_DIR: '/tmp' } },
      /orders mounts .*, not .*:\/tmp"/,
    ],
    ['control', { volumes: [] }, /control mounts "", not "breakers-orders:\/mesh\/apps\/orders"/],
    ['control', { environment: {} }, /control mounts .*apps\/orders", not "breakers-orders:\/orders"/],
  ];
  for (const [name, change, expected] of cases) {
    assertTold(breakerProblems(changed(name, change), dockerfile), expected);
  }
  const { volumes, ...rest } = composeFile();
  const { 'breakers-orders': _, ...fewer } = volumes;
  assert.match(breakerProblems({ ...rest, volumes: fewer }, dockerfile)[0] ?? '', /the volumes are/);
  assert.deepEqual(breakerProblems(composeFile(), dockerfile.replace(' /mesh/apps/orders', '')), [
    'deploy/Dockerfile makes no directory /mesh/apps/orders',
  ]);
});

test('images: pinned, and the releases of the native mode', () => {
  assert.deepEqual(imageProblems(composeFile()), []);
  const trip = (image: string) => imageProblems(changed('gateway', { image }));
  assert.deepEqual(trip('envoyproxy/envoy'), ['gateway: envoyproxy/envoy is not pinned by a version']);
  assert.deepEqual(trip('envoyproxy/envoy:latest'), [
    'gateway: envoyproxy/envoy:latest is not pinned by a version',
  ]);
  assert.deepEqual(trip('envoyproxy/envoy:v1.39.0'), [
    'gateway: envoyproxy/envoy:v1.39.0, but natively it is 1.40.0',
  ]);
  assert.deepEqual(trip(`envoyproxy/envoy:v1.40.0@sha256:${'0'.repeat(64)}`), []);
  assert.deepEqual(trip('envoyproxy/envoy:v1.40.0@sha256:0'), [
    'gateway: envoyproxy/envoy:v1.40.0@sha256:0 is not pinned by a version',
  ]);
  assert.match(trip('postgres:17.9')[0] ?? '', /^gateway: postgres:17\.9, but natively it is PostgreSQL 18$/);
  assert.deepEqual(imageProblems(changed('users', { image: 'microshop/users' })), [
    'users: the image we build is called microshop/users',
  ]);
});

test('the Dockerfile installs every workspace that what it holds depends on', () => {
  assert.deepEqual(dockerfileProblems(dockerfile, folders), []);
  assert.deepEqual(
    dockerfileProblems(
      dockerfile.replace('COPY packages/events/package.json packages/events/\n', ''),
      folders,
    ),
    ['the Dockerfile does not copy packages/events/package.json'],
  );
  assert.match(
    dockerfileProblems(dockerfile.replace('node:26', 'node:24'), folders)[0] ?? '',
    /Node is not 26/,
  );
  assert.match(
    dockerfileProblems(`# syntax=docker/dockerfile:1\n${dockerfile}`, folders)[0] ?? '',
    /syntax=/,
  );
});

test("PostgreSQL's log: no statements, no values, in either run mode", () => {
  assert.deepEqual(privateLogProblems(composeFile()), []);
  const command = ['postgres', '-clog_error_verbosity=default'];
  const problems = privateLogProblems(changed('postgres', { command }), '');
  for (const expected of [
    /min_error_statement=panic/,
    /verbosity=terse/,
    /on_error=0/,
    /set log_min_messages/,
  ]) {
    assertTold(problems, expected);
  }
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
  assertTold(problems(over, elsewhere), /^\/var\/keys is on no volume$/);
  assertTold(problems(over, elsewhere), /forgets traces at the end$/);
});
