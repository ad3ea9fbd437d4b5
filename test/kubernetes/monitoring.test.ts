/** What the chart gives the Prometheus operator: the jobs of Prometheus' own files as PodMonitors, its rules as a PrometheusRule. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { definitionChecker, operatorModules } from '@microshop/cli/travel/testing/crds';
import { ruleGroups } from '@microshop/observability';
import { services } from '@microshop/topology';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { findHelm } from './helm.ts';
import {
  containersOf,
  type KubernetesObject,
  namesOf,
  objectOf,
  podTemplates,
  rendered,
  renderedNamespace,
  renderedWhere,
  those,
} from './rendered.ts';

const helm = await findHelm();
const skip = helm === undefined ? 'there is neither Helm nor a Go that builds it' : false;

const operator = 'monitoring.coreos.com/v1';
const theirs = 'external.prometheus.host="prometheus-operated.monitoring.svc.cluster.local"';
const always = 'monitoring.operator="always"';

const relabelingSchema = Type.Object({
  sourceLabels: Type.Optional(Type.Array(Type.String())),
  targetLabel: Type.Optional(Type.String()),
  regex: Type.Optional(Type.String()),
  replacement: Type.Optional(Type.String()),
  action: Type.Optional(Type.String()),
});
const monitorSchema = Type.Object({
  kind: Type.Literal('PodMonitor'),
  metadata: Type.Object({ name: Type.String(), labels: Type.Record(Type.String(), Type.String()) }),
  spec: Type.Object({
    selector: Type.Object({
      matchExpressions: Type.Tuple([Type.Object({ values: Type.Array(Type.String()) })]),
    }),
    podMetricsEndpoints: Type.Tuple([
      Type.Object({
        port: Type.String(),
        path: Type.Optional(Type.String()),
        interval: Type.String(),
        scrapeTimeout: Type.String(),
        honorLabels: Type.Optional(Type.Boolean()),
        params: Type.Optional(Type.Unknown()),
        relabelings: Type.Array(relabelingSchema),
        metricRelabelings: Type.Optional(Type.Array(relabelingSchema)),
      }),
    ]),
  }),
});

const configSchema = Type.Object({
  global: Type.Object({ scrape_interval: Type.String(), scrape_timeout: Type.String() }),
  scrape_configs: Type.Array(
    Type.Object({
      job_name: Type.String(),
      metrics_path: Type.Optional(Type.String()),
      honor_labels: Type.Optional(Type.Boolean()),
      params: Type.Optional(Type.Unknown()),
      static_configs: Type.Optional(Type.Array(Type.Object({ targets: Type.Array(Type.String()) }))),
      dns_sd_configs: Type.Optional(
        Type.Array(Type.Object({ names: Type.Array(Type.String()), port: Type.Integer() })),
      ),
    }),
  ),
});

const ruleSchema = Type.Object({
  spec: Type.Object({
    groups: Type.Array(
      Type.Object({
        name: Type.String(),
        interval: Type.String(),
        rules: Type.Array(
          Type.Object({
            alert: Type.Optional(Type.String()),
            record: Type.Optional(Type.String()),
            expr: Type.String(),
            labels: Type.Record(Type.String(), Type.String()),
          }),
        ),
      }),
    ),
  }),
});

const monitorsOf = (objects: readonly KubernetesObject[]) => those(monitorSchema, objects);

/** The file that Prometheus reads where no operator does. */
async function ownConfig(helmFile: string): Promise<Static<typeof configSchema>> {
  const { data } = objectOf('ConfigMap', 'prometheus', await rendered(helmFile));
  const files = Value.Parse(Type.Record(Type.String(), Type.String()), data);
  return Value.Parse(configSchema, parse(files['prometheus.yaml'] ?? ''));
}

test('there are none unless an operator is there and its Prometheus is named, or they are asked for', {
  skip,
}, async () => {
  assert.ok(helm);
  const kinds = (objects: readonly KubernetesObject[]) =>
    objects.filter(({ apiVersion }) => apiVersion === operator).length;
  assert.equal(kinds(await rendered(helm)), 0);
  assert.equal(kinds(await renderedWhere(helm, [operator])), 0, 'the Prometheus of the chart watches it');
  assert.equal(kinds(await rendered(helm, theirs)), 0, 'the cluster has no operator');
  assert.equal(kinds(await renderedWhere(helm, [operator], theirs)), 6);
  assert.equal(kinds(await renderedWhere(helm, [operator], theirs, 'monitoring.operator="never"')), 0);
  assert.equal(kinds(await rendered(helm, always)), 6, 'rendered without a cluster');
});

test('a PodMonitor reads what the job of its name reads: pods, port, path and times', { skip }, async () => {
  assert.ok(helm);
  const objects = await rendered(helm, always);
  const monitors = monitorsOf(objects);
  const { global, scrape_configs: jobs } = await ownConfig(helm);
  const others = jobs.filter(({ job_name }) => job_name !== 'prometheus');
  assert.deepEqual(
    monitors.map(({ metadata: { name } }) => name),
    others.map(({ job_name }) => job_name),
  );
  const pods = podTemplates(objects);
  for (const [index, job] of others.entries()) {
    const { spec } = monitors[index] ?? assert.fail(job.job_name);
    const [endpoint] = spec.podMetricsEndpoints;
    assert.equal(endpoint.path, job.metrics_path);
    assert.deepEqual(endpoint.params, job.params);
    assert.equal(endpoint.honorLabels, job.honor_labels);
    assert.equal(endpoint.interval, global.scrape_interval);
    assert.equal(endpoint.scrapeTimeout, global.scrape_timeout);
    // the port of that name in the pods is the number in the file
    const read = spec.selector.matchExpressions[0].values.flatMap((part) => {
      const pod = pods.find(({ name }) => name === part) ?? assert.fail(part);
      return containersOf(pod)
        .flatMap(({ ports = [] }) => ports)
        .filter(({ name }) => name === endpoint.port)
        .map(({ containerPort }) => `${part}:${containerPort}`);
    });
    const inFile = [
      ...(job.static_configs ?? []).flatMap(({ targets }) => targets),
      ...(job.dns_sd_configs ?? []).flatMap(({ names, port }) => names.map((name) => `${name}:${port}`)),
    ];
    assert.deepEqual(read, inFile, job.job_name);
  }
});

/** The labels that a target gets, by the names of its job, its part and the label of pods. */
function labelled(
  relabelings: readonly Static<typeof relabelingSchema>[],
  part: string,
): Readonly<Record<string, string>> {
  const known: Record<string, string> = {
    __address__: '10.0.0.7:9903',
    __meta_kubernetes_pod_label_app_kubernetes_io_name: part,
  };
  const set: Record<string, string> = {};
  for (const { sourceLabels, regex = '(.*)', targetLabel, replacement = '$1' } of relabelings) {
    const source = (sourceLabels ?? []).map((label) => known[label] ?? '').join(';');
    const match = new RegExp(`^(?:${regex})$`).exec(source);
    if (match !== null) set[targetLabel ?? ''] = replacement.replace('$1', match[1] ?? '');
  }
  return set;
}

test('series have the labels that rules and dashboards ask for', { skip }, async () => {
  assert.ok(helm);
  const monitors = monitorsOf(await rendered(helm, always));
  const of = (name: string) =>
    (monitors.find(({ metadata }) => metadata.name === name) ?? assert.fail(name)).spec
      .podMetricsEndpoints[0];
  const { relabelings } = of('envoy');
  assert.deepEqual(labelled(relabelings, 'gateway'), {
    job: 'envoy',
    service: 'gateway',
    part: 'gateway',
    replica: '10.0.0.7',
  });
  for (const { name } of services) {
    const labels = labelled(relabelings, name);
    assert.deepEqual([labels['service'], labels['part']], [name, `${name}-sidecar`]);
  }
  assert.deepEqual(labelled(of('rabbitmq-queues').relabelings, 'rabbitmq'), {
    job: 'rabbitmq-queues',
    part: 'rabbitmq',
  });
  assert.deepEqual(labelled(of('collector').relabelings, 'jaeger'), { job: 'collector' });
  assert.deepEqual(
    of('collector').metricRelabelings?.map(({ action }) => action ?? 'replace'),
    ['replace', 'labeldrop'],
  );
});

test('rules are those of the files, evaluated as often, about this namespace alone', { skip }, async () => {
  assert.ok(helm);
  const rule = objectOf('PrometheusRule', 'microshop', await rendered(helm, always));
  const { groups } = Value.Parse(ruleSchema, rule).spec;
  assert.deepEqual(
    groups.map(({ name, rules }) => [name, rules.map(({ alert, record }) => alert ?? record)]),
    ruleGroups.map(({ name, rules }) => [
      name,
      rules.map((one) => ('alert' in one ? one.alert : one.record)),
    ]),
  );
  const { global } = await ownConfig(helm);
  for (const { interval, rules } of groups) {
    assert.equal(interval, global.scrape_interval);
    for (const { expr, labels } of rules) {
      assert.ok(expr.includes(`namespace="${renderedNamespace}"`), expr);
      assert.equal(labels['namespace'], renderedNamespace);
    }
  }
  const down = groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === 'TargetDown');
  assert.equal(down?.expr, `up{namespace="${renderedNamespace}"} == 0`);
  assert.equal(down?.labels['severity'], 'page');
});

test('its Prometheus finds them by labels of its choice', { skip }, async () => {
  assert.ok(helm);
  const objects = await rendered(helm, always, 'monitoring.labels={"release":"stack"}');
  const found = objects.filter(
    ({ apiVersion, metadata }) => apiVersion === operator && metadata.labels?.['release'] === 'stack',
  );
  assert.equal(found.length, 6);
  await assert.rejects(rendered(helm, 'monitoring.labels={"release":7}'), /monitoring/);
  await assert.rejects(rendered(helm, 'monitoring.operator="sometimes"'), /monitoring/);
  await assert.rejects(rendered(helm, 'monitoring.scrapers=[]'), /scrapers/, 'no peer would mean all');
});

test('a server of your own is not watched from here', { skip }, async () => {
  assert.ok(helm);
  const objects = await rendered(helm, always, 'external.rabbitmq.host="mq.example.com"');
  assert.deepEqual(namesOf('PodMonitor', objects), ['envoy', 'collector', 'jaeger']);
});

test('the definitions of the operator accept them, and refuse what is none', { skip }, async () => {
  assert.ok(helm);
  const check = await definitionChecker(operatorModules);
  const objects = (await rendered(helm, always)).filter(({ apiVersion }) => apiVersion === operator);
  for (const object of objects) assert.deepEqual(await check(object), [], object.metadata.name);
  const [first] = monitorsOf(objects);
  assert.ok(first);
  const wrong = { ...first, apiVersion: operator, spec: { ...first.spec, every: '5s' } };
  assert.match((await check(wrong)).join('\n'), /every/);
});
