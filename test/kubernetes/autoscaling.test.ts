/** Autoscaling by CPU and by requests, as the chart renders it, and what its page says of the adapter. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { findHelm } from './helm.ts';
import { objectOf, rendered } from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const scalerSchema = Type.Object({ spec: Type.Object({ metrics: Type.Array(Type.Unknown()) }) });

async function metricsOf(helmFile: string, name: string, ...values: readonly string[]) {
  const objects = await rendered(helmFile, ...values);
  return Value.Parse(scalerSchema, objectOf('HorizontalPodAutoscaler', name, objects)).spec.metrics;
}

const byCpu = (container: string) => ({
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container, target: { type: 'Utilization', averageUtilization: 70 } },
});
const byRequests = (value: string) => ({
  type: 'Pods',
  pods: {
    metric: { name: 'shop_requests_per_second' },
    target: { type: 'AverageValue', averageValue: value },
  },
});

test('by CPU alone unless requests are asked for, then by what wants more pods', { skip }, async () => {
  assert.ok(helm);
  const orders = 'services.orders.autoscaling';
  assert.deepEqual(await metricsOf(helm, 'orders', `${orders}.enabled=true`), [byCpu('orders')]);
  assert.deepEqual(
    await metricsOf(helm, 'orders', `${orders}.enabled=true`, `${orders}.requestsPerSecond=50`),
    [byCpu('orders'), byRequests('50')],
  );
  const gateway = 'gateway.autoscaling';
  assert.deepEqual(
    await metricsOf(helm, 'gateway', `${gateway}.enabled=true`, `${gateway}.requestsPerSecond=2000000`),
    [byCpu('envoy'), byRequests('2000000')],
  );
  await assert.rejects(rendered(helm, `${orders}.requestsPerSecond=-1`), /requestsPerSecond/);
  await assert.rejects(rendered(helm, `${orders}.requestsPerSecond="50"`), /requestsPerSecond/);
});

test('what the API server would refuse, or could not measure, is refused with the reason', {
  skip,
}, async () => {
  assert.ok(helm);
  for (const [part, resources] of [
    ['services.orders', 'app'],
    ['gateway', 'envoy'],
  ] as const) {
    const name = part.replace('services.', '');
    const on = `${part}.autoscaling.enabled=true`;
    const more = new RegExp(`autoscaling of ${name}: minReplicas \\(7\\) is more than maxReplicas \\(6\\)`);
    await assert.rejects(rendered(helm, on, `${part}.autoscaling.minReplicas=7`), more);
    // while nothing scales it does not matter
    await rendered(helm, `${part}.autoscaling.minReplicas=7`);
    const cpu = `resources.${resources}.requests.cpu=null`;
    await assert.rejects(
      rendered(helm, on, cpu),
      new RegExp(`of ${name}: needs resources\\.${resources}\\.requests\\.cpu`),
    );
    // Kubernetes then requests as much
    await rendered(helm, on, cpu, `resources.${resources}.limits.cpu=1`);
  }
});

const ruleSchema = Type.Object({
  rules: Type.Object({
    custom: Type.Tuple([
      Type.Object({
        seriesQuery: Type.String(),
        name: Type.Object({ as: Type.String() }),
        metricsQuery: Type.String(),
      }),
    ]),
  }),
});

test('the page has the adapter’s rule for that metric', async () => {
  const page = await readFile(path.join(repositoryRoot, 'docs/kubernetes.md'), 'utf8');
  const block = /```yaml\n(rules:\n[^`]*)```/.exec(page)?.[1] ?? assert.fail('no rule');
  const [rule] = Value.Parse(ruleSchema, parse(block)).rules.custom;
  assert.equal(rule.name.as, 'shop_requests_per_second');
  // what Envoys are asked by clients and peers, and not what they answer of themselves
  assert.match(rule.metricsQuery, /envoy_http_conn_manager_prefix=~"inbound\|edge"/);
  assert.match(rule.seriesQuery, /^envoy_http_downstream_rq_total\{/);
});
