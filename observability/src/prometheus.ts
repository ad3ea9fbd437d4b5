/** Configuration of Prometheus; what both 2.42 (native) and 3.x (compose) understand. */
import type { Address, Placement } from '@microshop/topology';
import { stringify } from 'yaml';
import { rulesFile } from './rules/index.ts';

/** Seconds between scrapes: an experiment of a minute is to be seen. */
export const scrapeIntervalSeconds = 5;

/** A scrape target with its labels. */
interface StaticConfig {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** The configuration file of Prometheus, YAML. */
export function prometheusConfig(placement: Placement): string {
  const { jaeger, rabbitmq, prometheus } = placement;
  return stringify({
    global: {
      scrape_interval: `${scrapeIntervalSeconds}s`,
      scrape_timeout: `${scrapeIntervalSeconds - 1}s`,
      evaluation_interval: `${scrapeIntervalSeconds}s`,
    },
    rule_files: [rulesFile],
    scrape_configs: [
      { job_name: 'envoy', metrics_path: '/stats/prometheus', ...envoyTargets(placement) },
      {
        job_name: 'collector',
        // The series keep the job and instance of the process they are about.
        honor_labels: true,
        static_configs: [{ targets: [target(jaeger.collectorMetrics)], labels: {} }],
        metric_relabel_configs: [
          // spanmetrics say service_name, the apps' own metrics only job: give both both.
          {
            source_labels: ['service_name', 'job'],
            regex: ';(.+)',
            target_label: 'service_name',
            replacement: '$1',
          },
          { action: 'labeldrop', regex: 'otel_scope_(version|schema_url)' },
        ],
      },
      { job_name: 'jaeger', static_configs: [part('jaeger', jaeger.metrics)] },
      { job_name: 'rabbitmq', static_configs: [part('rabbitmq', rabbitmq.metrics)] },
      {
        // The plain path adds all queues up.
        job_name: 'rabbitmq-queues',
        metrics_path: '/metrics/detailed',
        params: { family: ['queue_coarse_metrics', 'queue_consumer_count'] },
        static_configs: [part('rabbitmq', rabbitmq.metrics)],
      },
      { job_name: 'prometheus', static_configs: [part('prometheus', prometheus)] },
    ],
  });
}

/** The Envoys: by address, or on Kubernetes every pod that the name of a headless Service resolves to. */
function envoyTargets(placement: Placement): object {
  if (placement.mode !== 'kubernetes') return { static_configs: envoys(placement) };
  const { gateway, pods } = placement;
  const admins = [
    { part: 'gateway', admin: gateway.admin },
    ...pods.map(({ sidecar: part, admin }) => ({ part, admin })),
  ];
  return {
    dns_sd_configs: admins.map(({ admin: { host, port } }) => ({
      names: [host],
      type: 'A',
      port,
      refresh_interval: `${scrapeIntervalSeconds}s`,
    })),
    relabel_configs: [
      ...['pod', 'service'].map((label) => ({ source_labels: ['__meta_dns_name'], target_label: label })),
      { source_labels: ['__address__'], regex: '(.+):.+', target_label: 'replica', replacement: '$1' },
      ...admins.map(({ part, admin: { host } }) => ({
        source_labels: ['__meta_dns_name'],
        regex: host,
        target_label: 'part',
        replacement: part,
      })),
    ],
  };
}

/** Every Envoy: `pod` and `part` name the process, `service` what it stands before, `replica` which of them. */
function envoys(placement: Placement): StaticConfig[] {
  return [
    {
      targets: [target(placement.gateway.admin)],
      labels: { pod: 'gateway', part: 'gateway', service: 'gateway', replica: '1' },
    },
    ...placement.pods.map((pod) => ({
      targets: [target(pod.admin)],
      labels: { pod: pod.app, part: pod.sidecar, service: pod.service, replica: String(pod.replica) },
    })),
  ];
}

function part(name: string, address: Address): StaticConfig {
  return { targets: [target(address)], labels: { part: name } };
}

function target({ host, port }: Address): string {
  return `${host}:${port}`;
}
