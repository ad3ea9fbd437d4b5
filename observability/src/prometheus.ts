/** Configuration of Prometheus; what both 2.42 (native) and 3.x (compose) understand. */
import type { Address, Placement, RunMode } from '@microshop/topology';
import { stringify } from 'yaml';
import { rulesFile } from './rules/index.ts';
import {
  labelsByName,
  part,
  type ScrapeJob,
  type ScrapeTarget,
  scrapeIntervalSeconds,
  scrapeJobs,
  scrapeTimeoutSeconds,
} from './scrape-jobs.ts';

/** The configuration file of Prometheus, YAML. */
export function prometheusConfig(placement: Placement): string {
  const { mode, prometheus } = placement;
  const config = {
    global: {
      scrape_interval: `${scrapeIntervalSeconds}s`,
      scrape_timeout: `${scrapeTimeoutSeconds}s`,
      evaluation_interval: `${scrapeIntervalSeconds}s`,
    },
    rule_files: [rulesFile],
    scrape_configs: [
      ...scrapeJobs(placement).map((job) => scrapeConfig(mode, job)),
      { job_name: 'prometheus', static_configs: [staticConfig(part('prometheus', prometheus))] },
    ],
  };
  return stringify(config, { aliasDuplicateObjects: false });
}

function scrapeConfig(mode: RunMode, job: ScrapeJob): object {
  return {
    job_name: job.name,
    honor_labels: job.honorLabels,
    metrics_path: job.path,
    params: job.params,
    ...(mode === 'kubernetes' && job.replicated
      ? byName(job)
      : { static_configs: job.targets.map(staticConfig) }),
    metric_relabel_configs: job.metricRelabelings,
  };
}

/** Every pod that the name of a headless Service resolves to. */
function byName(job: ScrapeJob): object {
  return {
    dns_sd_configs: job.targets.map(({ address: { host, port } }) => ({
      names: [host],
      type: 'A',
      port,
      refresh_interval: `${scrapeIntervalSeconds}s`,
    })),
    relabel_configs: labelsByName(job, '__meta_dns_name'),
  };
}

function staticConfig({ address, labels }: ScrapeTarget): object {
  return { targets: [target(address)], labels };
}

function target({ host, port }: Address): string {
  return `${host}:${port}`;
}
