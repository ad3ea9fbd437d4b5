import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { composePlacement, nativePlacement, type Placement, portOf, services } from '@microshop/topology';
import { parse } from 'yaml';
import { prometheusConfig } from './prometheus.ts';

interface Job {
  readonly job_name: string;
  readonly static_configs: readonly {
    readonly targets: readonly string[];
    readonly labels: Record<string, string>;
  }[];
}

function jobs(placement: Placement): ReadonlyMap<string, Job> {
  const config: { readonly scrape_configs: readonly Job[] } = parse(prometheusConfig(placement));
  return new Map(config.scrape_configs.map((job) => [job.job_name, job]));
}

function targets(job: Job | undefined): string[] {
  return (job?.static_configs ?? []).flatMap((config) => [...config.targets]);
}

/** Sidecars of services beside the three that are written out below, at that host. */
function ofOthers(host: (name: string) => string): string[] {
  return services.slice(3).map(({ name }) => `${host(name)}:${portOf(`${name}_admin`, 1, {})}`);
}

describe('the scrape targets', () => {
  it('are every Envoy, replicas included, each with its labels', () => {
    const placement = nativePlacement({ instance: 1, replicas: { orders: 2 }, env: {} });
    const envoy = jobs(placement).get('envoy');
    assert.deepEqual(targets(envoy), [
      '127.0.0.1:9900',
      '127.0.0.1:9901',
      '127.0.0.1:9902',
      '127.0.0.1:9903',
      '127.0.0.23:9903',
      ...ofOthers(() => '127.0.0.1'),
    ]);
    const second = envoy?.static_configs.find(({ targets: [target] }) => target === '127.0.0.23:9903');
    assert.deepEqual(second?.labels, {
      pod: 'orders-2',
      part: 'orders-sidecar-2',
      service: 'orders',
      replica: '2',
    });
  });

  it('are the servers by name in compose', () => {
    const all = jobs(composePlacement());
    assert.deepEqual(targets(all.get('envoy')), [
      'gateway:9900',
      'users:9901',
      'products:9902',
      'orders:9903',
      ...ofOthers((name) => name),
    ]);
    assert.deepEqual(targets(all.get('collector')), ['jaeger:8889']);
    assert.deepEqual(targets(all.get('jaeger')), ['jaeger:8888']);
    assert.deepEqual(targets(all.get('rabbitmq')), ['rabbitmq:15692']);
    assert.deepEqual(targets(all.get('rabbitmq-queues')), ['rabbitmq:15692']);
    assert.deepEqual(targets(all.get('prometheus')), ['prometheus:9090']);
  });
});
