/** What a person sees after the first start. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { composePlacement } from '@microshop/topology';
import { unfolded, untilShown } from '../harness/command.ts';
import { docker, dockerDone } from '../harness/docker.ts';
import { mesh } from '../harness/mesh.ts';
import { askPrometheus } from '../harness/prometheus.ts';

/** Types the mesh command as a person without Node does. A container takes two seconds to make: `mesh.cli` uses one for all. */
const typed = (args: readonly string[]) =>
  docker(['compose', 'run', '--rm', '-T', '--no-deps', 'mesh', ...args]);

/** Runs the work while a fault is set. */
async function faultSet(fault: readonly string[], work: () => Promise<void>): Promise<void> {
  const { code, stderr } = await typed(['fault', 'set', ...fault]);
  assert.equal(code, 0, stderr);
  try {
    await work();
  } finally {
    assert.equal((await mesh.cli(['fault', 'clear'])).code, 0);
  }
}

interface Targets {
  readonly activeTargets: readonly { scrapeUrl: string; health: string; lastError: string }[];
}

test('Prometheus scrapes every Envoy, the collector, Jaeger, RabbitMQ and itself', async () => {
  const { gateway, pods, jaeger, rabbitmq, prometheus } = composePlacement();
  const expected = [
    ...[gateway.admin, ...pods.map((pod) => pod.admin)],
    ...[jaeger.metrics, jaeger.collectorMetrics, rabbitmq.metrics, prometheus],
  ].map(({ host, port }) => `${host}:${port}`);
  await eventuallyDespiteErrors(
    'all targets are up',
    async () => {
      const { activeTargets } = await askPrometheus<Targets>('/api/v1/targets');
      // RabbitMQ is asked twice: for everything added up, and queue by queue
      const hosts = new Set(activeTargets.map(({ scrapeUrl }) => new URL(scrapeUrl).host));
      assert.deepEqual([...hosts].sort(), expected.sort());
      const down = activeTargets.filter(({ health }) => health !== 'up');
      assert.deepEqual(
        down.map(({ scrapeUrl }) => scrapeUrl),
        [],
      );
      return true;
    },
    60_000,
  );
});

test('the demo data is there', async () => {
  await eventuallyDespiteErrors('control is ready', async () => {
    const { status } = await fetch(new URL('/health/ready', mesh.control));
    return status === 200 ? true : undefined;
  });
  const users = await fetch(new URL('/api/users', mesh.gateway));
  assert.match(await users.text(), /ada@example\.com/);
});

test('status in a container tells what answers, what was changed on purpose, and the addresses on this machine', async () => {
  await faultSet(['users', '--abort', '503', '--percent', '1'], async () => {
    // a part of a busy machine may answer its check too late
    const stdout = await untilShown('every part is healthy', async () => {
      const status = await mesh.cli(['status', '--json']);
      return status.code === 0 ? status.stdout : undefined;
    });
    const { healthy, parts, urls, faults } = JSON.parse(stdout);
    assert.equal(healthy, true);
    const names = parts.map(({ name }: { name: string }) => name);
    for (const part of ['gateway', 'users', 'orders-sidecar', 'control', 'jaeger'])
      assert.ok(names.includes(part));
    assert.equal(urls.gateway, mesh.gateway);
    assert.equal(urls.jaeger, mesh.jaeger);
    assert.deepEqual(
      faults.map(({ service, abort }: { service: string; abort: number }) => [service, abort]),
      [['users', 503]],
    );
    const told = await mesh.cli(['status']);
    const clear = 'docker compose run --rm mesh fault clear';
    assert.match(told.stdout, new RegExp(`fault +users for every caller: 1 % answered 503; until ${clear}`));
  });
});

test('an order ends with the address of its trace in Jaeger as a browser here reaches it', async () => {
  const { code, stdout, stderr } = await typed(['order']);
  assert.equal(code, 0, stderr);
  const [, address = ''] = /^Jaeger: (\S+)$/m.exec(stdout) ?? [];
  assert.ok(address.startsWith(`${mesh.jaeger}/trace/`), stdout);
  assert.equal((await fetch(address)).status, 200);
});

test('who watches the start sees a line with addresses, and little of RabbitMQ', async () => {
  const control = await mesh.logs('control');
  assert.match(
    control,
    new RegExp(
      `"msg":"The mesh is ready\\. Shop ${mesh.gateway}/api/products, traces ${mesh.jaeger}, metrics`,
    ),
  );
  assert.match(control, /"msg":"Place an order: docker compose run --rm mesh order\./);
  const start = (await mesh.logs('rabbitmq')).split('completed with')[0] ?? '';
  assert.ok(start.split('\n').length < 60, start);
});

test('each run of k6 has a directory of its own; one command fetches it, and an audit finds its ledger', async () => {
  const settings = { P95_MS: '60000', P99_MS: '60000', DURATION: '3s' };
  const runs = [await mesh.load('smoke', settings), await mesh.load('smoke', settings)];
  const told = runs.map(({ stdout, stderr }) => {
    const [, fetchIt] = /^fetch +docker (compose cp \S+) \.$/m.exec(stdout) ?? assert.fail(stdout + stderr);
    const [, audit] = /^audit +docker compose run --rm mesh (audit --ledger \S+)$/m.exec(stdout) ?? [];
    return { fetchIt: fetchIt ?? assert.fail(), audit: audit ?? assert.fail(stdout) };
  });
  assert.notEqual(told[0]?.fetchIt, told[1]?.fetchIt);
  const into = await mkdtemp(path.join(tmpdir(), 'mesh-fetched-'));
  for (const { fetchIt, audit } of told) {
    await dockerDone([...fetchIt.split(' '), into]);
    const { code, stdout, stderr } = await typed([...audit.split(' '), '--json']);
    assert.equal(code, 0, stderr);
    assert.ok(JSON.parse(stdout).acknowledged > 0);
  }
  const fetched = await readdir(into);
  assert.equal(fetched.length, 2);
  for (const run of fetched) assert.ok((await readdir(path.join(into, run))).includes('ledger.jsonl'));
  await rm(into, { recursive: true });
});

test('without the control service an audit cannot tell, and says which part to start', async () => {
  await mesh.stop('control');
  try {
    const { code, stdout, stderr } = await mesh.cli(['audit']);
    assert.deepEqual([code, stdout], [3, '']);
    assert.equal(
      unfolded(stderr),
      'mesh: The audit cannot tell: control does not run; start it with docker compose start control',
    );
  } finally {
    await mesh.start('control');
  }
});

test('an unknown trace id is answered within seconds, however long the wait is set', async () => {
  const began = performance.now();
  const { code, stderr } = await mesh.cli(['trace', 'ab'.repeat(16), '--wait', '10m']);
  assert.equal(code, 1);
  assert.match(unfolded(stderr), /Jaeger holds no trace (ab)+, and no order was placed in it/);
  assert.ok(performance.now() - began < 60_000);
});

test('what the command cannot do in a container it says in a sentence, with what to use instead', async () => {
  const refused = [['up'], ['stop', 'users'], ['logs', 'users'], ['fault', 'process', 'users', '--kill']];
  await Promise.all(
    refused.map(async (args) => {
      const { code, stdout, stderr } = await mesh.cli(args);
      assert.equal(code, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /works on the host, not in a container; use: docker compose /);
    }),
  );
});
