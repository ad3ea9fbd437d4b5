/** `./mesh --context …` from this machine against an installed shop: each command once, and what it refuses. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { connect } from '@microshop/cli/cluster/connection';
import { openForward } from '@microshop/cli/cluster/forward';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { identities, kubernetesPlacement } from '@microshop/topology';
import { execa } from 'execa';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { kubectl, namespace } from './release.ts';

/** Time for what the cluster comes to, milliseconds. */
const patienceMs = 120_000;

/** What a command said, and how it ended. */
interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

async function meshWith(
  before: readonly string[],
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const { stdout, stderr, exitCode } = await execa('./mesh', [...before, ...words], {
    cwd: repositoryRoot,
    env,
    stdin: 'ignore',
    reject: false,
    timeout: patienceMs,
  });
  return { stdout, stderr, exitCode };
}

/** Pause between two attempts of which each runs a command, milliseconds. */
const pauseMs = 1000;

let known: Promise<string> | undefined;

/** Name of the context of the cluster; asked for once. */
function currentContext(): Promise<string> {
  known ??= kubectl('config', 'current-context');
  return known;
}

/** The options that name the shop. */
async function shopOptions(): Promise<readonly string[]> {
  return ['--context', await currentContext(), '--namespace', namespace];
}

/** Runs a command about the shop. */
async function mesh(...words: readonly string[]): Promise<Said> {
  return await meshWith(await shopOptions(), words);
}

/** The same; it must end well. */
async function done(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await mesh(...words);
  assert.equal(exitCode, 0, `${words.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

const statusSchema = Type.Object({
  healthy: Type.Boolean(),
  parts: Type.Array(
    Type.Object({
      name: Type.String(),
      healthy: Type.Boolean(),
      pods: Type.Array(Type.Object({ name: Type.String(), ready: Type.Boolean() })),
    }),
  ),
  replicas: Type.Array(
    Type.Object({
      pod: Type.String(),
      version: Type.String(),
      loaded: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  consumers: Type.Array(Type.Object({ part: Type.String(), consuming: Type.Boolean() })),
  faults: Type.Array(Type.Object({ service: Type.String() })),
});

/** A kubeconfig of somebody who may only read pods in the namespace of the shop. */
async function readersConfig(directory: string): Promise<string> {
  const inShop = (...args: readonly string[]) => kubectl('--namespace', namespace, ...args);
  await inShop('create', 'serviceaccount', 'reader');
  await inShop('create', 'role', 'reader', '--verb=get,list', '--resource=pods');
  await inShop('create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${namespace}:reader`);
  const token = await inShop('create', 'token', 'reader');
  const raw: unknown = JSON.parse(await kubectl('config', 'view', '--raw', '--minify', '--output', 'json'));
  const config = Value.Parse(
    Type.Object({ clusters: Type.Array(Type.Object({ name: Type.String(), cluster: Type.Unknown() })) }),
    raw,
  );
  const file = path.join(directory, 'reader');
  await writeFile(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: config.clusters,
      users: [{ name: 'reader', user: { token } }],
      contexts: [
        { name: 'reader', context: { cluster: config.clusters[0]?.name, user: 'reader', namespace } },
      ],
      'current-context': 'reader',
    }),
  );
  return file;
}

/** Registers the tests; they run while the shop of the chart is installed, and leave it as it was. */
export function testCommandsByContext(skip: string | false): void {
  let order = '';

  test('from this machine: an order is followed to its end, and its trace drawn', { skip }, async () => {
    const said = await done('order', '--user', '1', '--product', '1');
    [, order = ''] = /^order (\d+) is CONFIRMED$/m.exec(said) ?? [];
    assert.notEqual(order, '', said);
    assert.match(said, /^complete: one root, no orphan, no hop missing$/m);
    assert.match(said, new RegExp(`--namespace ${namespace} trace ${order}$`, 'm'));
    assert.match(await done('trace', order), /^complete: /m);
  });

  test('from this machine: status shows every pod, and which version it has', { skip }, async () => {
    // a part of a busy machine may answer its check too late
    const { parts, replicas, consumers } = await eventuallyDespiteErrors(
      'all is well',
      async () => {
        const { stdout } = await mesh('status', '--json');
        const status = Value.Parse(statusSchema, JSON.parse(stdout));
        return status.healthy ? status : undefined;
      },
      patienceMs,
      pauseMs,
    );
    const pods = parts.flatMap((part) => part.pods);
    assert.equal(pods.length, 2 * identities.length + 6);
    assert.ok(pods.every(({ ready }) => ready));
    for (const identity of identities) {
      const own = parts.find(({ name }) => name === identity)?.pods ?? [];
      for (const { name } of own) {
        const replica = replicas.find(({ pod }) => pod === name);
        assert.ok(replica !== undefined, name);
        assert.equal(replica.loaded, replica.version, name);
      }
    }
    assert.equal(consumers.filter(({ consuming }) => consuming).length, 4);
    const lines = await done('status');
    assert.match(lines, new RegExp(`${pods.length} of ${pods.length} pods ready`));
    assert.match(lines, /^orders +orders-\S+ +ready +\d+ /m);
  });

  test('from this machine: a fault and a policy are set, shown and ended', { skip }, async () => {
    assert.match(await done('fault', 'set', 'users', '--abort', '503', '--for', '1m'), /100 % answered 503/);
    assert.match(await done('fault', 'list'), /^users +all +100 % answered 503 .* yes$/m);
    const during = Value.Parse(statusSchema, JSON.parse(await done('status', '--json')));
    assert.deepEqual(
      during.faults.map(({ service }) => service),
      ['users'],
    );
    const refused = await mesh('order', '--user', '1', '--product', '1');
    assert.equal(refused.exitCode, 1, refused.stdout);
    assert.match(await done('fault', 'clear'), /1 fault cleared/);
    assert.match(await done('policy', 'set', 'orders', 'products', '--tries', '1'), /1 \(topology: 3\)/);
    assert.match(await done('policy', 'export'), /orders/);
    assert.match(await done('policy', 'reset'), /Every policy is that of the topology/);
  });

  test('from this machine: a message that nothing can handle is listed and dropped', { skip }, async () => {
    await done('fault', 'message', '--poison', 'not-json');
    await eventuallyDespiteErrors(
      'it is a dead letter',
      async () => /products/.test(await done('dlq', 'list')),
      patienceMs,
      pauseMs,
    );
    assert.match(await done('dlq', 'drop', '--all'), /dropped/);
    assert.match(await done('outbox', 'list'), /0 set aside, 0 lost/);
    assert.match(await done('audit'), /\bdoubled +0$/m);
  });

  test('from this machine: lines of a part, of one pod, and of one order', { skip }, async () => {
    assert.match(await done('logs', 'orders'), /"msg":"order accepted"/);
    assert.match(await done('logs', 'orders-sidecar'), /"direction":"inbound"/);
    assert.match(await done('logs', 'postgres'), /database system is ready/);
    const story = await done('logs', '--order', order);
    assert.match(story, /gateway-\S+ .*request of a client: POST \/api\/orders/);
    assert.match(story, /orders-\S+ .*order accepted/);
    assert.match(story, /products-\S+-sidecar /);
    const unknown = await mesh('logs', 'order');
    assert.equal(unknown.exitCode, 2);
    assert.match(unknown.stderr, /There is no part "order"/);
  });

  test('from this machine: a log is followed, also of a pod that joins', { skip }, async () => {
    const following = execa('./mesh', [...(await shopOptions()), 'logs', 'users', '--follow'], {
      cwd: repositoryRoot,
      reject: false,
    });
    let seen = '';
    following.stdout.on('data', (chunk) => {
      seen += String(chunk);
    });
    const started = () => seen.match(/"msg":"Server listening/g)?.length ?? 0;
    try {
      await eventually('both pods are there', () => started() >= 2, patienceMs);
      const before = started();
      await kubectl('--namespace', namespace, 'scale', 'deployment', 'users', '--replicas=3');
      await eventually('so is the third', () => started() > before, patienceMs);
    } finally {
      following.kill('SIGINT');
      await following;
      await kubectl('--namespace', namespace, 'scale', 'deployment', 'users', '--replicas=2');
      await kubectl('--namespace', namespace, 'rollout', 'status', 'deployment', 'users');
    }
  });

  test('from this machine: a scenario of k6 runs beside the shop, and its verdict is the exit code', {
    skip,
  }, async () => {
    // beside other work on two cores
    const patient = { P95_MS: '60000', P99_MS: '60000', REPEATS: '10', REPEAT_AFTER_MS: '1000' };
    const before = await shopOptions();
    const smoke = ['load', 'smoke', '--duration', '3s'];
    const { stdout, stderr, exitCode } = await meshWith(before, smoke, patient);
    assert.equal(exitCode, 0, `${stderr}${stdout}`);
    assert.match(stdout, /^verdict +PASS$/m);
    const asJson = await meshWith(before, [...smoke, '--json'], patient);
    const { verdict } = Value.Parse(Type.Object({ verdict: Type.String() }), JSON.parse(asJson.stdout));
    assert.equal(verdict, 'PASS', `${asJson.stderr}${asJson.stdout}`);
    const wrong = await meshWith(before, smoke, { P95_MS: 'soon' });
    assert.equal(wrong.exitCode, 2, wrong.stdout);
    await kubectl('--namespace', namespace, 'delete', 'job', '--selector=app.kubernetes.io/name=load');
  });

  test('from this machine: what is missing, and what may not be done, is said', { skip }, async (t) => {
    const context = await currentContext();
    const nowhere = await meshWith(['--context', context, '--namespace', 'nowhere'], ['status']);
    assert.equal(nowhere.exitCode, 2, nowhere.stderr);
    assert.match(nowhere.stderr, /There is no namespace "nowhere"/);
    const empty = await meshWith(['--context', context, '--namespace', 'default'], ['order']);
    assert.equal(empty.exitCode, 1, empty.stderr);
    assert.match(empty.stderr, /No release of the chart is in namespace default/);
    const directory = await mkdtemp(path.join(tmpdir(), 'mesh-reader-'));
    t.after(async () => {
      await rm(directory, { recursive: true });
      const made = ['serviceaccount/reader', 'role/reader', 'rolebinding/reader'];
      await kubectl('--namespace', namespace, 'delete', '--ignore-not-found', ...made);
    });
    const asReader = { KUBECONFIG: await readersConfig(directory) };
    const reader = await meshWith(['--context', 'reader'], ['fault', 'list'], asReader);
    assert.equal(reader.exitCode, 1, reader.stdout);
    assert.match(reader.stderr.replaceAll(/\s+/g, ' '), /You may not do that .*pods\/portforward/);
    const changing = await meshWith(['--context', 'reader'], ['fault', 'clear'], asReader);
    assert.equal(changing.exitCode, 1, changing.stdout);
    assert.match(changing.stderr.replaceAll(/\s+/g, ' '), /You may not do that .*pods\/exec/);
  });

  test('from this machine: a way whose pod goes leads to the next one', { skip }, async (t) => {
    const context = await currentContext();
    const { gateway } = kubernetesPlacement();
    const way = await openForward('gateway', gateway.address.port, await connect({ context, namespace }));
    t.after(() => way.close());
    const answers = async (): Promise<boolean> => (await fetch(`${way.url}/api/products`)).ok;
    assert.ok(await answers());
    const pods = ['pod', '--selector=app.kubernetes.io/name=gateway'];
    await kubectl('--namespace', namespace, 'delete', ...pods, '--now');
    await eventuallyDespiteErrors('another pod answers', answers, patienceMs);
    assert.equal(way.problem(), undefined);
    await kubectl('--namespace', namespace, 'rollout', 'status', 'deployment', 'gateway');
  });
}
