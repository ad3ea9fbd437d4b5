/** A service of one's own by one command, in a copy of the checkout: nothing else is touched, and the mesh has it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { nativePlacement, services } from '@microshop/topology';
import { type Copy, copyOfCheckout } from '../harness/copy.ts';
import type { CommandResult } from '../harness/driver.ts';
import { shared } from '../runner/shared-process.ts';
import { makeAll } from './recipe-edits.ts';

const instance = testInstance('lifecycle');
const { gateway, jaeger, prometheus } = nativePlacement({ instance });

/** Time of a command of the mesh, milliseconds; `up` on a busy machine takes minutes. */
const timeoutMs = 300_000;

const taken: readonly string[] = services.map((service) => service.name);
/** The page's example, unless this checkout already has that service. */
const name = taken.includes('reviews') ? 'second-reviews' : 'reviews';
const route = `/api/${name}`;

let copy: Copy;

/** Runs a program in the copy; never rejects for a code. */
function inCopy(file: string, ...args: readonly string[]): Promise<CommandResult> {
  // with the variable of the runner that this test is part of, `node --test` skips every file and ends with 0
  const { NODE_TEST_CONTEXT: _within, ...env } = process.env;
  const options = {
    cwd: copy.directory,
    timeout: timeoutMs,
    env: { ...env, MESH_INSTANCE: String(instance) },
  };
  return new Promise((resolve) => {
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}

const newService = (...args: readonly string[]) =>
  inCopy('npm', 'run', '--silent', 'new-service', '--', ...args);

/** A program of the locked dependencies. */
const tool = (name: string, ...args: readonly string[]) =>
  inCopy(process.execPath, path.join('node_modules/.bin', name), ...args);

function at(address: { readonly host: string; readonly port: number }, route: string): URL {
  return new URL(route, `http://${address.host}:${address.port}`);
}

interface Answer {
  readonly status: number;
  readonly traceId: string;
  readonly body: unknown;
}

async function request(body?: unknown): Promise<Answer> {
  const answer = await fetch(at(gateway.address, route), {
    signal: AbortSignal.timeout(10_000),
    ...(body === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
  });
  return {
    status: answer.status,
    traceId: answer.headers.get('x-trace-id') ?? '',
    body: await answer.json(),
  };
}

interface JaegerAnswer {
  readonly data: readonly {
    readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
  }[];
}

/** Names of the services that have a span in the trace. */
async function servicesIn(traceId: string): Promise<Set<string>> {
  const answer = await fetch(at(jaeger.query, `/api/traces/${traceId}`));
  if (answer.status === 404) return new Set();
  const { data }: JaegerAnswer = JSON.parse(await answer.text());
  return new Set(
    data.flatMap(({ processes }) => Object.values(processes).map(({ serviceName }) => serviceName)),
  );
}

/** Sum of a query's values now. */
async function sumOf(expr: string): Promise<number> {
  const url = at(prometheus, '/api/v1/query');
  url.search = new URLSearchParams({ query: `sum(${expr})` }).toString();
  const answer = await fetch(url);
  const { data }: { data: { result: readonly { value: readonly [number, string] }[] } } = JSON.parse(
    await answer.text(),
  );
  return Number(data.result[0]?.value[1] ?? 0);
}

/** What a new service may change, besides its own folder. */
const expectedChanges = [
  ' M .env.example',
  ' M deploy/Dockerfile',
  ' M deploy/helm/microshop/files/dashboards/mesh.json',
  ' M deploy/helm/microshop/files/dashboards/service.json',
  ' M deploy/helm/microshop/files/dashboards/shop-overview.json',
  ' M deploy/helm/microshop/files/monitors.yaml',
  ' M deploy/helm/microshop/files/postgres-init.sh',
  ' M deploy/helm/microshop/files/prometheus.yaml',
  ' M deploy/helm/microshop/files/topology.yaml',
  ' M deploy/helm/microshop/values.schema.json',
  ' M deploy/helm/microshop/values.yaml',
  ' M deploy/postgres-init.sh',
  ' M docker-compose.yml',
  ' M grafana/dashboards/mesh.json',
  ' M grafana/dashboards/service.json',
  ' M grafana/dashboards/shop-overview.json',
  ' M observability/generated/compose/prometheus.yaml',
  ' M package-lock.json',
  ' M packages/topology/src/services.ts',
  `?? deploy/helm/microshop/files/envoy/${name}-sidecar/`,
  `?? envoy/generated/compose/${name}-sidecar.yaml`,
  `?? services/${name}/`,
];

before(async () => {
  copy = await copyOfCheckout();
});
after(async () => {
  await inCopy('./mesh', 'down', '--wipe');
  await copy.remove();
});

test('what is wrong is refused with its field, and nothing is written', async () => {
  const isRefused = ({ code, stderr, stdout }: CommandResult, refusal: string) => {
    assert.equal(code, 2, stderr);
    assert.ok(stderr.includes(refusal), stderr);
    assert.equal(stdout, '');
  };
  isRefused(await newService('users'), 'name "users" is taken');
  // npm passes on what its script is given and its code, as above; these take the script's program at once
  const program = (...args: readonly string[]) =>
    inCopy(process.execPath, 'deploy/new-service/main.ts', ...args);
  for (const [args, refusal] of [
    [['Reviews'], 'name "Reviews" is not a DNS label'],
    [[name, '--calls', 'shipping'], '--calls names "shipping", which is not a service'],
    [[name, '--calls', ','], 'give names with a comma between'],
    [[], "missing required argument 'name'"],
  ] as const) {
    isRefused(await program(...args), refusal);
  }
  assert.deepEqual(await copy.changes(), []);
});

test('the command writes the folder, one line, the lock file, and what is generated', async () => {
  const made = await newService(name, '--calls', 'users');
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(await copy.changes(), expectedChanges);
  const { code, stderr } = await newService(name);
  assert.equal(code, 2);
  assert.ok(stderr.startsWith(`new-service: name "${name}" is taken`), stderr);
});

test('the mesh has it: gateway, sidecars, database, trace and metrics', async () => {
  const up = await inCopy('./mesh', 'up', '--detach');
  assert.equal(up.code, 0, up.stdout + up.stderr);

  const empty = await request();
  assert.deepEqual([empty.status, empty.body], [200, []]);
  assert.match(empty.traceId, /^[0-9a-f]{32}$/);
  await eventuallyDespiteErrors('the trace is whole', async () => {
    const found = await servicesIn(empty.traceId);
    return ['gateway', `${name}-sidecar`, name].every((one) => found.has(one)) ? true : undefined;
  });

  const added = await request({ user_id: 1, text: 'Answers 418, as told' });
  assert.equal(added.status, 201, JSON.stringify(added.body));
  assert.deepEqual((await request()).body, [added.body]);
  const unknown = await request({ user_id: 1_000_000, text: 'By nobody' });
  assert.equal(unknown.status, 400);
  await eventuallyDespiteErrors('the trace shows the call', async () => {
    const found = await servicesIn(added.traceId);
    return found.has('users-sidecar') && found.has('users') ? true : undefined;
  });

  const series = [
    `http_server_request_duration_seconds_count{service_name="${name}",http_route="${route}"}`,
    `envoy_cluster_upstream_rq_total{service="gateway",envoy_cluster_name="${name}"}`,
    `envoy_cluster_upstream_rq_total{service="${name}",envoy_cluster_name="users"}`,
    // mutual TLS at its own sidecar
    `envoy_listener_ssl_handshake{service="${name}"}`,
  ];
  for (const expr of series) {
    await eventuallyDespiteErrors(`Prometheus has ${expr}`, async () =>
      (await sumOf(expr)) > 0 ? true : undefined,
    );
  }
});

test('services of every shape are formatted, linted and tested as ours are', async () => {
  for (const args of [['shipping'], ['price-alerts', '--calls', 'orders,products']]) {
    const made = await newService(...args);
    assert.equal(made.code, 0, made.stderr);
  }
  for (const check of [
    () => tool('biome', 'check', '--error-on-warnings', 'services', 'packages/topology'),
    () => tool('knip', '--no-progress'),
  ]) {
    const { code, stdout, stderr } = await check();
    assert.equal(code, 0, stdout + stderr);
  }
  const services = [name, 'shipping', 'price-alerts'];
  const files = services.map((one) => `services/${one}/src/routes/${one}.test.ts`);
  const those = await shared(files.map((file) => path.join(copy.directory, file)));
  const tests = await inCopy(process.execPath, '--test', '--test-reporter', 'tap', ...those.files);
  await those.remove();
  assert.equal(tests.code, 0, tests.stdout + tests.stderr);
  const passed = Number(/^# pass (\d+)$/m.exec(tests.stdout)?.[1]);
  assert.ok(passed >= files.length, `each file has a test that ran\n${tests.stdout}`);
});

// the compiler reads the whole checkout: once for both
test('with these services, and with every edit of the recipes, everything compiles', async () => {
  await makeAll(copy.directory);
  const { code, stdout, stderr } = await tool('tsc', '--noEmit');
  assert.equal(code, 0, stdout + stderr);
});
