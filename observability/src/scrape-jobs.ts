/**
 * What Prometheus reads of the mesh, in the words of its own configuration. The files of every run mode are written from these
 * jobs, and so is what the Prometheus operator reads on Kubernetes.
 */
import type { Address, Placement } from '@microshop/topology';

/** Seconds between scrapes: an experiment of a minute is to be seen. */
export const scrapeIntervalSeconds = 5;

/** Seconds in which a target must answer. */
export const scrapeTimeoutSeconds = scrapeIntervalSeconds - 1;

/** A step that sets or drops labels. */
export interface Relabeling {
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
  readonly action?: 'labeldrop';
}

/** Where metrics are read, and the labels that all of them get there. */
export interface ScrapeTarget {
  readonly address: Address;
  readonly labels: Readonly<Record<string, string>>;
}

/** Targets that are read alike. */
export interface ScrapeJob {
  readonly name: string;
  /** Unless it is the usual one. */
  readonly path?: string;
  readonly params?: Readonly<Record<string, readonly string[]>>;
  /** The series keep the job and instance of the process they are about. */
  readonly honorLabels?: true;
  readonly targets: readonly ScrapeTarget[];
  /** Whether on Kubernetes a target is the name of several pods, each of which is read. */
  readonly replicated: boolean;
  /** Name of the port in the pods of the chart. */
  readonly port: 'admin' | 'metrics' | 'collected';
  readonly metricRelabelings?: readonly Relabeling[];
}

/** Every job but Prometheus' own. */
export function scrapeJobs(placement: Placement): readonly ScrapeJob[] {
  const { jaeger, rabbitmq } = placement;
  const broker = {
    targets: [part('rabbitmq', rabbitmq.metrics)],
    replicated: true,
    port: 'metrics',
  } as const;
  return [
    {
      name: 'envoy',
      path: '/stats/prometheus',
      targets: envoys(placement),
      replicated: true,
      port: 'admin',
    },
    {
      name: 'collector',
      honorLabels: true,
      targets: [{ address: jaeger.collectorMetrics, labels: {} }],
      replicated: false,
      port: 'collected',
      metricRelabelings: [
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
    { name: 'jaeger', targets: [part('jaeger', jaeger.metrics)], replicated: false, port: 'metrics' },
    { name: 'rabbitmq', ...broker },
    {
      // The plain path adds all queues up.
      name: 'rabbitmq-queues',
      path: '/metrics/detailed',
      params: { family: ['queue_coarse_metrics', 'queue_consumer_count'] },
      ...broker,
    },
  ];
}

/** Every Envoy: `pod` and `part` name the process, `service` what it stands before, `replica` which of them. */
function envoys(placement: Placement): readonly ScrapeTarget[] {
  return [
    {
      address: placement.gateway.admin,
      labels: { pod: 'gateway', part: 'gateway', service: 'gateway', replica: '1' },
    },
    ...placement.pods.map((pod) => ({
      address: pod.admin,
      labels: { pod: pod.app, part: pod.sidecar, service: pod.service, replica: String(pod.replica) },
    })),
  ];
}

/** A target that is the only one of its part. */
export function part(name: string, address: Address): ScrapeTarget {
  return { address, labels: { part: name } };
}

/**
 * The labels of a job's targets where pods are found by the name they share: the label `nameLabel` holds it. `replica` is
 * then the address of each.
 */
export function labelsByName({ targets }: ScrapeJob, nameLabel: string): Relabeling[] {
  const names = new Set(targets.flatMap(({ labels }) => Object.keys(labels)));
  return [...names].flatMap((name): Relabeling[] => {
    if (name === 'replica') {
      return [{ source_labels: ['__address__'], regex: '(.+):.+', target_label: name, replacement: '$1' }];
    }
    if (targets.every(({ address, labels }) => labels[name] === address.host)) {
      return [{ source_labels: [nameLabel], target_label: name }];
    }
    return targets.map(({ address, labels }) => ({
      source_labels: [nameLabel],
      regex: address.host,
      target_label: name,
      replacement: labels[name] ?? '',
    }));
  });
}
