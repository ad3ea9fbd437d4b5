/** What a person sees after the first start. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composePlacement } from '@microshop/topology';
import { mesh } from '../harness/mesh.ts';
import { askPrometheus } from '../harness/prometheus.ts';
import { waitFor } from '../harness/wait.ts';

interface Targets {
  readonly activeTargets: readonly { scrapeUrl: string; health: string; lastError: string }[];
}

test('Prometheus scrapes every Envoy, the collector, Jaeger, RabbitMQ and itself', async () => {
  const { gateway, pods, jaeger, rabbitmq, prometheus } = composePlacement();
  const expected = [
    ...[gateway.admin, ...pods.map((pod) => pod.admin)],
    ...[jaeger.metrics, jaeger.collectorMetrics, rabbitmq.metrics, prometheus],
  ].map(({ host, port }) => `${host}:${port}`);
  await waitFor(
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
    30_000,
  );
});

test('the demo data is there', async () => {
  await waitFor('control is ready', async () => {
    const { status } = await fetch(new URL('/health/ready', mesh.control));
    return status === 200 ? true : undefined;
  });
  const users = await fetch(new URL('/api/users', mesh.gateway));
  assert.match(await users.text(), /ada@example\.com/);
});

test('what the command cannot do in a container it says in a sentence, with what to use instead', async () => {
  const refused = [
    ['up'],
    ['stop', 'users'],
    ['logs', 'users'],
    ['status', '--json'],
    ['fault', 'process', 'users', '--kill'],
  ];
  await Promise.all(
    refused.map(async (args) => {
      const { code, stdout, stderr } = await mesh.cli(args);
      assert.equal(code, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /works on the host, not in a container; use: docker compose /);
    }),
  );
});
