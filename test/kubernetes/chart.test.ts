/** The chart as the real Helm lints, checks and renders it; no cluster is needed. Each check has a case that trips it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placementOf } from '@microshop/control/changes/book';
import { containerWords } from '@microshop/program-kit/typed-here';
import { corsVariable, databaseConnections, identities, services } from '@microshop/topology';
import { execa } from 'execa';
import { podProblems } from './hardening.ts';
import { chart, findHelm } from './helm.ts';
import { containersOf, namesOf, type PodTemplate, podTemplates, rendered } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;
const names = services.map(({ name }) => name);

/** The pod of that name with its first container changed. */
function changed(pod: PodTemplate, change: Partial<PodTemplate['spec']['containers'][number]>): PodTemplate {
  const [first, ...others] = pod.spec.containers;
  assert.ok(first);
  return { ...pod, spec: { ...pod.spec, containers: [{ ...first, ...change }, ...others] } };
}

test('Helm finds nothing to complain about', { skip }, async () => {
  assert.ok(helm);
  const { stdout } = await execa(helm, ['lint', '--strict', chart]);
  assert.match(stdout, /1 chart\(s\) linted, 0 chart\(s\) failed/);
});

test('a value that does not exist or fit is refused by name', { skip }, async () => {
  assert.ok(helm);
  for (const [value, said] of [
    ['services.orders.replica=3', /services\/orders|services\.orders/],
    ['services.carts={"replicas":3}', /services/],
    ['services.orders.replicas=0', /replicas/],
    ['resources.app.limits.memory="lots"', /memory/],
    // an eighth of a byte
    ['resources.app.limits.memory="128m"', /memory/],
    ['resources.app.requests.cpu="100Mi"', /cpu/],
    ['postgres.volume.size="2m"', /postgres\/volume\/size/],
    ['external.postgres.host="10.0.0.7"', /external\/postgres\/host/],
    ['external.postgres.host="Db.example.com"', /external\/postgres\/host/],
    ['external.postgres.host="db-.example.com"', /external\/postgres\/host/],
    ['external.postgres.host="db.example.com."', /external\/postgres\/host/],
    ['image.pullPolicy="Sometimes"', /pullPolicy/],
    ['gateway.corsOrigins=["*"]', /corsOrigins/],
    ['gateway.corsOrigins=["https://shop.example/"]', /corsOrigins/],
    ['gateway.corsOrigins=["https://shop.example:443"]', /corsOrigins/],
    ['gateway.corsOrigins="https://shop.example"', /corsOrigins/],
    // the chart has no half of it
    ['edgeAuth.enabled=true', /edgeAuth/],
  ] as const) {
    await assert.rejects(rendered(helm, value), said, value);
  }
});

test('each image of ours can be pinned to its digest', { skip }, async () => {
  assert.ok(helm);
  const digests = Object.fromEntries(
    [...names, 'lab'].map((name, index) => [name, `sha256:${String(index).repeat(64)}`]),
  );
  const images = (pods: readonly PodTemplate[]) =>
    new Set(
      pods.flatMap((pod) =>
        containersOf(pod)
          .map(({ image }) => image)
          .filter((image) => image.startsWith('microshop/')),
      ),
    );
  const plain = images(podTemplates(await rendered(helm)));
  assert.deepEqual(plain, new Set(Object.keys(digests).map((name) => `microshop/${name}:0.1.0`)));
  const pinned = images(podTemplates(await rendered(helm, `image.digests=${JSON.stringify(digests)}`)));
  assert.deepEqual(
    pinned,
    new Set(Object.entries(digests).map(([name, digest]) => `microshop/${name}:0.1.0@${digest}`)),
  );
  await assert.rejects(rendered(helm, 'image.digests.lab="latest"'), /image\/digests\/lab/);
});

test('amounts may have every unit that is usual', { skip }, async () => {
  assert.ok(helm);
  const values = ['postgres.volume.size="1.5Ti"', 'resources.app={"limits":{"cpu":2,"memory":"1G"}}'];
  const text = JSON.stringify(await rendered(helm, ...values));
  assert.match(text, /"storage":"1\.5Ti"/);
  assert.match(text, /"limits":\{"cpu":2,"memory":"1G"\}/);
});

test('there is a workload for each part, with an account of its own', { skip }, async () => {
  assert.ok(helm);
  const objects = await rendered(helm);
  const servers = ['control', 'postgres', 'rabbitmq', 'redis', 'jaeger', 'prometheus'];
  assert.deepEqual(namesOf('Deployment', objects).sort(), [...identities].sort());
  assert.deepEqual(namesOf('StatefulSet', objects).sort(), [...servers].sort());
  assert.deepEqual(namesOf('ServiceAccount', objects).sort(), [...identities, ...servers].sort());
  assert.deepEqual(namesOf('PodDisruptionBudget', objects).sort(), [...identities].sort());
  for (const { kind, name, spec } of podTemplates(objects)) {
    if (kind !== 'Pod') assert.equal(spec.serviceAccountName, name);
  }
});

test('what is typed to start a part names the kind of its workload', { skip }, async () => {
  assert.ok(helm);
  const objects = await rendered(helm, 'grafana.enabled=true');
  for (const kind of ['Deployment', 'StatefulSet']) {
    const parts = namesOf(kind, objects);
    assert.ok(parts.length >= identities.length);
    for (const part of parts) {
      const typed = `kubectl scale --replicas=1 ${kind.toLowerCase()} ${part}`;
      assert.equal(containerWords.kubernetes.start(part), typed);
    }
  }
});

test('no file that a template names is missing', { skip }, async () => {
  assert.ok(helm);
  // a file that is not there is an empty text to Helm
  const configs = (await rendered(helm)).filter(({ kind }) => kind === 'ConfigMap');
  assert.equal(configs.length, 9);
  for (const config of configs)
    assert.doesNotMatch(JSON.stringify(config), /":"\s*"[,}]/, config.metadata.name);
});

test('rights, limits and probes: every container of every pod', { skip }, async () => {
  assert.ok(helm);
  const pods = podTemplates(await rendered(helm));
  // it asks the API server whose token an agent shows
  assert.deepEqual(pods.flatMap(podProblems), ['control has a token of the API server']);
  const orders = pods.find(({ name }) => name === 'orders') ?? assert.fail();
  for (const [change, said] of [
    [{ securityContext: {} }, 'orders/orders may gain rights'],
    [{ securityContext: { allowPrivilegeEscalation: false } }, 'orders/orders keeps capabilities'],
    [{ resources: {} }, 'orders/orders has no request of cpu and memory, or no limit of memory'],
    [{ image: 'microshop/orders' }, 'orders/orders has an image without a version'],
    [{ image: 'microshop/orders:latest' }, 'orders/orders has an image without a version'],
  ] as const) {
    assert.ok(podProblems(changed(orders, change)).includes(said), said);
  }
  const { readinessProbe: _, ...unready } = orders.spec.containers[0] ?? assert.fail();
  assert.deepEqual(podProblems({ ...orders, spec: { ...orders.spec, containers: [unready] } }), [
    'orders/orders has no readinessProbe',
  ]);
  assert.deepEqual(podProblems({ ...orders, spec: { ...orders.spec, securityContext: {} } }), [
    'orders may run as root, or without seccomp',
  ]);
  assert.deepEqual(podProblems({ ...orders, spec: { ...orders.spec, automountServiceAccountToken: true } }), [
    'orders has a token of the API server',
  ]);
});

test('the agent starts before Envoy, and Envoy before the app: native sidecars', { skip }, async () => {
  assert.ok(helm);
  const pods = podTemplates(await rendered(helm));
  const order = (name: string) => {
    const pod = pods.find((one) => one.name === name) ?? assert.fail(name);
    return containersOf(pod).map((container) => `${container.name} ${container.restartPolicy ?? ''}`.trim());
  };
  for (const name of names) assert.deepEqual(order(name), ['agent Always', 'envoy Always', name]);
  assert.deepEqual(order('gateway'), ['agent Always', 'envoy']);
});

test('the agent of the gateway, and no other, has the origins whose pages may call the shop', {
  skip,
}, async () => {
  assert.ok(helm);
  const origins = ['https://shop.example', 'http://localhost:5173', 'http://[::1]:5173'];
  const named = async (...values: string[]) =>
    podTemplates(await rendered(helm, ...values)).flatMap((pod) =>
      containersOf(pod).flatMap(({ name, env = [] }) =>
        env.filter((one) => one.name === corsVariable).map(({ value }) => [pod.name, name, value]),
      ),
    );
  assert.deepEqual(await named(), []);
  const [[pod, container, value] = assert.fail(), ...others] = await named(
    `gateway.corsOrigins=${JSON.stringify(origins)}`,
  );
  assert.deepEqual([pod, container, others], ['gateway', 'agent', []]);
  // as that agent reads it
  const placement = placementOf({ MESH_MODE: 'kubernetes', [corsVariable]: value });
  assert.deepEqual(placement.corsOrigins, origins);
});

test('an app is told to end when its callers have heard of the others, and has the time to', {
  skip,
}, async () => {
  assert.ok(helm);
  for (const [value, servesOn] of [
    ['dnsCacheSeconds=30', 33],
    ['dnsCacheSeconds=5', 8],
  ] as const) {
    const pods = podTemplates(await rendered(helm, value));
    for (const { spec } of pods.filter(({ name }) => names.some((service) => service === name))) {
      assert.equal(spec.containers[0]?.lifecycle?.preStop.sleep?.seconds, servesOn);
      // it ends within 12 s, and its sidecars after it
      assert.ok((spec.terminationGracePeriodSeconds ?? 0) >= servesOn + 12 + 5);
      // a hook of theirs would begin with that of the app, and end what it still needs
      assert.ok(spec.initContainers?.every(({ lifecycle }) => lifecycle === undefined));
    }
  }
});

test('the control service may ask the API server whose token it is shown, and nothing else', {
  skip,
}, async () => {
  assert.ok(helm);
  const objects = await rendered(helm);
  const roles = objects.filter(({ kind }) => /Role$/.test(kind));
  assert.deepEqual(
    roles.map((role) => JSON.stringify(role).match(/"rules":(.*)}$/)?.[1]),
    ['[{"apiGroups":["authentication.k8s.io"],"resources":["tokenreviews"],"verbs":["create"]}]'],
  );
});

test('a server of your own takes the place of one for trying, under its name', { skip }, async () => {
  assert.ok(helm);
  for (const server of ['postgres', 'rabbitmq', 'redis', 'jaeger', 'prometheus']) {
    const objects = await rendered(helm, `external.${server}.host="real.example.com"`);
    assert.ok(!namesOf('StatefulSet', objects).includes(server));
    const service = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === server);
    assert.match(JSON.stringify(service), /"type":"ExternalName","externalName":"real.example.com"/);
  }
});

test('autoscaling takes the number of replicas over', { skip }, async () => {
  assert.ok(helm);
  const objects = await rendered(helm, 'services.orders.autoscaling.enabled=true');
  assert.deepEqual(namesOf('HorizontalPodAutoscaler', objects), ['orders']);
  const replicas = new Map(podTemplates(objects).map(({ name, replicas: count }) => [name, count]));
  assert.equal(replicas.get('orders'), undefined);
  assert.equal(replicas.get('users'), 2);
});

test('PostgreSQL has a connection for all that pods may open, as many as the chart scales to by itself; more are refused', {
  skip,
}, async () => {
  assert.ok(helm);
  const scaled = names.map((name) => `services.${name}.autoscaling.enabled=true`);
  const text = JSON.stringify(await rendered(helm, ...scaled));
  const numbers = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, digits]) => Number(digits));
  const replicas = numbers(/"maxReplicas":(\d+)/g);
  assert.equal(replicas.length, names.length);
  // twice the pods, since those that leave still have theirs, and a new one of each service
  const pods = replicas.reduce((sum, most) => sum + 2 * most + 1, 0);
  const [most = 0] = numbers(/-cmax_connections=(\d+)/g);
  assert.ok(pods * (databaseConnections.work + databaseConnections.health) < most, `${pods}, ${most}`);
  const tooMany = 'services.orders.replicas=40';
  await assert.rejects(rendered(helm, ...scaled, tooMany), /replicas: so many pods may open \d+ connections/);
  await rendered(helm, ...scaled, tooMany, 'external.postgres.host="real.example.com"');
});

test('a Secret of your own is used in place of ours, key by key', { skip }, async () => {
  assert.ok(helm);
  assert.deepEqual(namesOf('Secret', await rendered(helm)), ['passwords']);
  const objects = await rendered(helm, 'passwords.existingSecret="mine"');
  assert.deepEqual(namesOf('Secret', objects), []);
  const mounted = podTemplates(objects).flatMap(({ spec: { volumes = [] } }) =>
    volumes.map((volume) => JSON.stringify(volume)),
  );
  assert.ok(mounted.some((volume) => volume.includes('"secretName":"mine"')));
  assert.ok(!mounted.some((volume) => volume.includes('"secretName":"passwords"')));
});

test('kept data: volumes and passwords stay', { skip }, async () => {
  assert.ok(helm);
  const text = JSON.stringify(await rendered(helm));
  assert.doesNotMatch(text, /"helm.sh\/resource-policy"|"whenDeleted":"Retain"/);
  const kept = JSON.stringify(await rendered(helm, 'keepData=true'));
  assert.match(kept, /"helm.sh\/resource-policy":"keep"/);
  assert.doesNotMatch(kept, /"whenDeleted":"Delete"/);
});
