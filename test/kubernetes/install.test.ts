/**
 * The chart in a real cluster, from nothing to nothing: installed, an order followed to its end, everything watched, upgraded,
 * rolled back, uninstalled. The tests go on from each other.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { certManagerModules, gatewayApiModules, operatorModules } from '@microshop/cli/travel/testing/crds';
import { filesOf } from '@microshop/cli/travel/testing/modules';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { demoProducts, demoUsers, identities, podPorts } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { saysLate } from '../harness/late.ts';
import { clusterVariables } from '../runner/cluster-under-test.ts';
import { testCommandsByContext } from './by-context.ts';
import { listOf, tryOut, withDefinitions } from './definitions.ts';
import { testExportedPolicies } from './exported-policies.ts';
import { findHelm } from './helm.ts';
import { chosen, kubectl, namespace, prepareNamespace, prepareVolumes, releaseBy } from './release.ts';
import { rendered } from './rendered.ts';
import { testRollingUpdate } from './rolling.ts';
import { testWhoMayCall } from './who-may-call.ts';

/** Time an installation may take until all is ready, beside other work on two cores. */
const installLimit = '8m';

/** Time for what the cluster then comes to, milliseconds. */
const patienceMs = 120_000;

const helm = await findHelm();
const { [clusterVariables.volumes]: volumes, [clusterVariables.none]: none } = process.env;
const skip = volumes === undefined ? (none ?? './mesh test kubernetes brings up a cluster for it') : false;
const release = releaseBy(helm ?? '');

/** Says how long it took, for the record. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  process.stdout.write(`${what} in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  return result;
}

before(async () => {
  if (volumes === undefined) return;
  await prepareNamespace();
  await prepareVolumes(volumes);
});

const orderSchema = Type.Object({ id: Type.Integer(), status: Type.String() });
const traceSchema = Type.Object({ complete: Type.Boolean(), missing: Type.Array(Type.Unknown()) });
const targetsSchema = Type.Object({
  data: Type.Object({
    activeTargets: Type.Array(
      Type.Object({ health: Type.String(), scrapeUrl: Type.String(), lastError: Type.String() }),
    ),
  }),
});

const replicasSchema = Type.Object({
  replicas: Type.Array(
    Type.Object({
      part: Type.String(),
      version: Type.String(),
      loaded: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});

/** The first answer that is not late. */
function answered(url: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  return eventually(
    'an answer in time',
    async () => {
      const response = await fetch(url, init);
      const body: unknown = await response.json();
      return saysLate(body) ? undefined : { status: response.status, body };
    },
    patienceMs,
  );
}

/** Places an order as a client does: with a key, and again with it while the answer is late. */
async function place(url: string): Promise<number> {
  const { status, body } = await answered(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ user_id: 1, product_id: 1, quantity: 1 }),
  });
  assert.equal(status, 201, JSON.stringify(body));
  return Value.Parse(orderSchema, body).id;
}

async function statusOf(url: string, order: number): Promise<string> {
  return Value.Parse(orderSchema, (await answered(`${url}/api/orders/${order}`)).body).status;
}

/** Runs a command of the mesh, which must do what it is asked. */
async function command(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await release.mesh(...words);
  assert.equal(exitCode, 0, `./mesh ${words.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

let first = 0;

test('the API server finds nothing to complain about', { skip }, async () => {
  await release.helm('install', '--dry-run=server', ...chosen);
  const others = [
    'services.orders.autoscaling.enabled=true',
    'gateway.autoscaling.enabled=true',
    'gateway.service.type=LoadBalancer',
    'external.redis.host=cache.example.com',
    'keepData=true',
    'rabbitmq.replicas=3',
    'grafana.enabled=true',
    'grafana.dashboards.enabled=true',
    'services.orders.autoscaling.requestsPerSecond=50',
  ].flatMap((value) => ['--set', value]);
  await release.helm('install', '--dry-run=server', ...chosen, ...others);
});

test('it takes every object also as Helm 4 applies it: at the server, which refuses what is there twice', {
  skip,
}, async () => {
  assert.ok(helm);
  const apply = (items: readonly unknown[]) =>
    tryOut(listOf(items), '--server-side', '--namespace', namespace);
  for (const more of [[], ['rabbitmq.replicas=3', 'grafana.enabled=true', 'keepData=true']]) {
    const objects = await rendered(helm, ...more);
    const { accepted, refused } = await apply(objects);
    assert.equal(refused, '');
    assert.equal(accepted.length, objects.length);
  }
  const labels = { app: 'twice' };
  const env = [
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'LOG_LEVEL', value: 'debug' },
  ];
  const twice = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'twice' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'twice', image: 'twice:1', env }] },
      },
    },
  };
  assert.match((await apply([twice])).refused, /duplicate entries.*LOG_LEVEL/s);
});

test('it accepts what the chart has for others, by the definitions that those publish', {
  skip,
}, async () => {
  assert.ok(helm);
  const modules = [...operatorModules, ...certManagerModules, ...gatewayApiModules];
  await withDefinitions(await filesOf(modules), async () => {
    const objects = await rendered(
      helm,
      'monitoring.operator="always"',
      'certificates.certManager={"enabled":true,"issuer":{"name":"mesh-ca"}}',
      'gatewayApi={"enabled":true,"parentRefs":[{"name":"public","namespace":"gateways"}]}',
    );
    const theirs = objects.filter(({ kind }) =>
      ['PodMonitor', 'PrometheusRule', 'Certificate', 'HTTPRoute'].includes(kind),
    );
    // five jobs, their rules, an identity each, one route
    assert.equal(theirs.length, 6 + identities.length + 1);
    const list = theirs.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
    assert.equal((await tryOut(listOf(list))).refused, '');
    const [first] = list;
    const wrong = await tryOut(listOf([{ ...first, spec: { podMetrics: [] } }]));
    assert.match(wrong.refused, /podMetrics/);
  });
});

test('it is installed, and every pod is ready', { skip }, async () => {
  await timed('installed', () => release.helm('install', ...chosen, '--wait', '--timeout', installLimit));
  const pods = await release.kubectl('get', 'pods', '--no-headers');
  const ready = pods.split('\n').filter((line) => /\s(\d+)\/\1\s+Running\s+0\s/.test(line));
  // two of each Deployment, and six servers
  assert.equal(ready.length, 2 * identities.length + 6, pods);
});

test('helm test places an order and follows it to its end', { skip }, async () => {
  const said = await release.helm('test');
  assert.match(said, /Phase: +Succeeded/);
});

test('an order from outside is confirmed, its trace complete', { skip }, async () => {
  const shop = await release.forward();
  try {
    first = await place(shop.url);
    await eventually('confirmed', async () => (await statusOf(shop.url, first)) === 'CONFIRMED', patienceMs);
    const users = Value.Parse(
      Type.Array(Type.Unknown()),
      await (await fetch(`${shop.url}/api/users`)).json(),
    );
    assert.equal(users.length, demoUsers.length);
  } finally {
    await shop.close();
  }
  const trace = await eventually(
    'its trace is complete',
    async () => {
      const { stdout, exitCode } = await release.mesh('trace', String(first), '--json');
      return exitCode === 0 ? Value.Parse(traceSchema, JSON.parse(stdout)) : undefined;
    },
    patienceMs,
  );
  assert.deepEqual(trace, { ...trace, complete: true, missing: [] });
});

test('every target of Prometheus is up, each pod of the mesh among them', { skip }, async () => {
  await eventually(
    'all targets are up',
    async () => {
      const path = `/api/v1/namespaces/${namespace}/pods/prometheus-0:9090/proxy/api/v1/targets`;
      const { data } = Value.Parse(targetsSchema, JSON.parse(await release.kubectl('get', '--raw', path)));
      const envoys = data.activeTargets.filter(({ scrapeUrl }) => scrapeUrl.endsWith('/stats/prometheus'));
      return (
        envoys.length === 2 * identities.length && data.activeTargets.every(({ health }) => health === 'up')
      );
    },
    patienceMs,
  );
});

/**
 * A test with faults; `work` has a way to the shop, and `putBack` undoes what else it changes. Where it fails, the tests after it meet
 * none of its faults.
 */
function faultTest(
  name: string,
  work: (url: string) => Promise<void>,
  putBack: () => Promise<unknown> = async () => undefined,
): void {
  test(name, { skip }, async () => {
    // the way there takes its time, too
    const shop = await release.forward();
    let passed = false;
    try {
      await work(shop.url);
      passed = true;
    } finally {
      await shop.close();
      await putBack();
      if (!passed) await release.mesh('fault', 'clear');
    }
  });
}

/** Statuses of many calls of users: each of its pods gets some. */
async function statusesOfUsers(url: string): Promise<readonly number[]> {
  const calls = Array.from({ length: 30 }, async () => (await fetch(`${url}/api/users/1`)).status);
  return [...new Set(await Promise.all(calls))];
}

faultTest('a fault is in effect in every pod of its service, and ends by itself', async (url) => {
  await command('fault', 'set', 'users', '--abort', '503', '--for', '15s');
  assert.deepEqual(await statusesOfUsers(url), [503]);
  await eventually(
    'it has ended',
    async () => (await fetch(`${url}/api/users/1`)).status === 200,
    patienceMs,
  );
});

faultTest(
  'a pod that joins has the fault that is in effect, and status says which version each has',
  async (url) => {
    await command('fault', 'set', 'users', '--abort', '503');
    await release.kubectl('scale', 'deployment', 'users', '--replicas=3');
    await timed('joined', () =>
      release.kubectl('rollout', 'status', 'deployment', 'users', `--timeout=${installLimit}`),
    );
    const { replicas } = Value.Parse(replicasSchema, JSON.parse(await command('status', '--json')));
    const ofUsers = replicas.filter(({ part }) => part.startsWith('users-sidecar'));
    assert.equal(ofUsers.length, 3, JSON.stringify(replicas));
    assert.equal(replicas.length, 2 * identities.length + 1, JSON.stringify(replicas));
    for (const one of replicas) assert.equal(one.loaded, one.version, one.part);
    assert.deepEqual(await statusesOfUsers(url), [503]);
    await command('fault', 'clear');
    assert.deepEqual(await statusesOfUsers(url), [200]);
  },
  () => release.kubectl('scale', 'deployment', 'users', '--replicas=2'),
);

faultTest(
  'while the control service is gone calls go on, and a fault ends in its time',
  async (url) => {
    const forMs = 40_000;
    const began = performance.now();
    await command('fault', 'set', 'users', '--abort', '503', '--for', `${forMs}ms`);
    await release.kubectl('scale', 'statefulset', 'control', '--replicas=0');
    await release.kubectl('delete', 'pod', 'control-0', '--now', '--ignore-not-found');
    assert.deepEqual(await statusesOfUsers(url), [503], 'in effect without it');
    assert.equal((await fetch(`${url}/api/products`)).status, 200);
    const left = forMs - (performance.now() - began);
    assert.ok(left > 0, 'it went before the end');
    await eventually(
      'it has ended in every pod',
      async () => (await statusesOfUsers(url)).join() === '200',
      // and what a busy machine adds
      left + 20_000,
    );
    const lastedMs = performance.now() - began;
    assert.ok(lastedMs > forMs - 1000, `${lastedMs} ms`);
    await assert.rejects(release.kubectl('get', 'pod', 'control-0'), /NotFound/);
  },
  async () => {
    await release.kubectl('scale', 'statefulset', 'control', '--replicas=1');
    await release.kubectl('rollout', 'status', 'statefulset', 'control', `--timeout=${installLimit}`);
  },
);

test('status finds every part, and every consumer of each pod', { skip }, async () => {
  // a part of a busy machine may answer its check too late
  const stdout = await eventually(
    'all is well',
    async () => {
      const said = await release.mesh('status');
      return said.exitCode === 0 ? said.stdout : undefined;
    },
    patienceMs,
  );
  assert.match(stdout, /10 of 10 parts answer/);
  assert.equal(stdout.match(/^(?:orders|products)-\S+ ← .*\bconsuming\b/gm)?.length ?? 0, 4, stdout);
});

testCommandsByContext(skip);
testExportedPolicies(release, skip);
testWhoMayCall(release, skip);

test('a pod without a certificate of the mesh is refused, and so is one that speaks plainly', {
  skip,
}, async () => {
  const from = (program: string) =>
    release.kubectl('exec', 'control-0', '--', 'node', '--input-type=module', '--eval', program);
  const plain = `console.log(await fetch('http://orders:${podPorts.inbound}/api/orders').then((r) => r.status, (e) => e.cause?.code ?? e.message))`;
  assert.match(await from(plain), /^(ECONNRESET|UND_ERR_SOCKET)/);
  const bare = `import { connect } from 'node:tls'; const s = connect({ host: 'orders', port: ${podPorts.inbound}, rejectUnauthorized: false, ALPNProtocols: ['h2'] }); s.on('error', (e) => { console.log(e.code); }); s.on('data', () => undefined)`;
  assert.match(await from(bare), /CERTIFICATE_REQUIRED/);
});

test('the audit accounts for every order', { skip }, async () => {
  const { stdout, exitCode } = await release.mesh('audit');
  assert.equal(exitCode, 0, stdout);
});

testRollingUpdate(release, skip);

/** Ids of the products that the shop has. */
async function productIds(url: string): Promise<number[]> {
  const answer = await (await fetch(`${url}/api/products`)).json();
  return Value.Parse(Type.Array(Type.Object({ id: Type.Integer() })), answer).map(({ id }) => id);
}

test('an upgrade and a rollback keep orders, passwords and products', { skip }, async () => {
  const passwords = await release.kubectl('get', 'secret', 'passwords', '--output', 'jsonpath={.data}');
  const earlier = await release.forward();
  // those of the demo data, and what a load has added
  const products = await productIds(earlier.url).finally(() => earlier.close());
  assert.ok(products.length >= demoProducts.length, products.join());
  const more = ['--set', 'services.users.replicas=3', '--wait', '--timeout', installLimit];
  await timed('upgraded', () => release.helm('upgrade', ...chosen, ...more));
  assert.equal(
    await release.kubectl('get', 'deployment', 'users', '--output', 'jsonpath={.status.readyReplicas}'),
    '3',
  );
  await timed('rolled back', () => release.helm('rollback', '1', '--wait', '--timeout', installLimit));
  assert.equal(
    await release.kubectl('get', 'deployment', 'users', '--output', 'jsonpath={.spec.replicas}'),
    '2',
  );
  assert.equal(
    await release.kubectl('get', 'secret', 'passwords', '--output', 'jsonpath={.data}'),
    passwords,
  );
  const shop = await release.forward();
  try {
    assert.equal(await statusOf(shop.url, first), 'CONFIRMED');
    assert.deepEqual(await productIds(shop.url), products);
    const next = await place(shop.url);
    await eventually('confirmed', async () => (await statusOf(shop.url, next)) === 'CONFIRMED', patienceMs);
  } finally {
    await shop.close();
  }
});

/** What the namespace holds without an installation. */
async function left(): Promise<string[]> {
  const kinds =
    'all,configmaps,secrets,serviceaccounts,persistentvolumeclaims,networkpolicies,poddisruptionbudgets,horizontalpodautoscalers,roles,rolebindings';
  const names = await kubectl('--namespace', namespace, 'get', kinds, '--output', 'name');
  const own = ['configmap/kube-root-ca.crt', 'serviceaccount/default'];
  return names.split('\n').filter((name) => name !== '' && !own.includes(name));
}

/** Time for the last pods to end after an uninstallation, milliseconds: with the busy cores of a whole run 120 s were too short. */
const goneMs = 300_000;

test('an uninstallation leaves nothing', { skip }, async () => {
  assert.ok((await left()).includes('deployment.apps/orders'));
  await timed('uninstalled', () => release.helm('uninstall', '--wait', '--timeout', installLimit));
  await eventually('nothing is left', async () => (await left()).length === 0, goneMs);
});
