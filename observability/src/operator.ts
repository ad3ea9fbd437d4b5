/**
 * What the Prometheus operator reads on Kubernetes in place of Prometheus' files: the same jobs as PodMonitors, the same rules as a
 * PrometheusRule. Its Prometheus may hold what others measure, too, so that rules ask for the namespace of the shop alone.
 */
import type { Placement } from '@microshop/topology';
import { stringify } from 'yaml';
import { isAlert, ruleGroups } from './rules/index.ts';
import { withMatcher } from './rules/matcher.ts';
import {
  labelsByName,
  type Relabeling,
  type ScrapeJob,
  scrapeIntervalSeconds,
  scrapeJobs,
  scrapeTimeoutSeconds,
} from './scrape-jobs.ts';

/** Stands for the namespace until the chart is installed in one. */
const anyNamespace = '<namespace>';

/** The label of pods that names their part, as Prometheus shows it before it is dropped. */
const nameLabel = '__meta_kubernetes_pod_label_app_kubernetes_io_name';

/** For each PodMonitor its name, the parts whose pods it selects, and its one endpoint; YAML. */
export function podMonitors(placement: Placement): string {
  return stringify({ monitors: scrapeJobs(placement).map(monitorOf) }, { aliasDuplicateObjects: false });
}

function monitorOf(job: ScrapeJob): object {
  const labels: readonly Relabeling[] = [
    { target_label: 'job', replacement: job.name },
    // the operator sets `pod` to the name of each pod, and adapters find it by that
    ...labelsByName(job, nameLabel).filter(({ target_label }) => target_label !== 'pod'),
  ];
  return {
    name: job.name,
    parts: job.targets.map(({ address }) => address.host),
    endpoint: {
      port: job.port,
      path: job.path,
      params: job.params,
      honorLabels: job.honorLabels,
      interval: `${scrapeIntervalSeconds}s`,
      scrapeTimeout: `${scrapeTimeoutSeconds}s`,
      relabelings: labels.map(ofOperator),
      metricRelabelings: job.metricRelabelings?.map(ofOperator),
    },
  };
}

/** The same step in the operator's words. */
function ofOperator({ source_labels, target_label, ...same }: Relabeling): object {
  return { sourceLabels: source_labels, targetLabel: target_label, ...same };
}

/** The `spec` of the PrometheusRule, YAML. */
export function prometheusRule(): string {
  const namespace = { namespace: anyNamespace };
  const matcher = `namespace="${anyNamespace}"`;
  return stringify(
    {
      groups: ruleGroups.map(({ name, rules }) => ({
        name,
        // as often as with the files; the operator's own default is longer than some alerts may wait
        interval: `${scrapeIntervalSeconds}s`,
        rules: rules.map((rule) => {
          const expr = withMatcher(rule.expr, matcher);
          return isAlert(rule)
            ? { ...rule, expr, labels: { ...rule.labels, ...namespace } }
            : { record: rule.record, expr, labels: namespace };
        }),
      })),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}
