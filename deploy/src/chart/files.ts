/** Every file of the chart that follows from the topology; its templates are written by hand and go through them. */
import { splitConfigs, toYaml } from '@microshop/envoy';
import { dashboardTexts, provisioning } from '@microshop/grafana/files';
import { jaegerConfig, prometheusConfig, prometheusRules, rulesFile } from '@microshop/observability';
import { podMonitors, prometheusRule } from '@microshop/observability/operator';
import { kubernetesPlacement } from '@microshop/topology';
import { postgresInit } from '../postgres-init.ts';
import {
  brokerNodePlugins,
  brokerNodeSettings,
  brokerPlugins,
  brokerSettings,
} from '../settings/rabbitmq.ts';
import { redisSettings } from '../settings/redis.ts';
import { chartFacts, dashboardsInPod } from './facts.ts';
import { chartSchema, chartValues } from './values.ts';

/** Folder of the chart in the checkout. */
export const chartFolder = 'deploy/helm/microshop';

const everywhere = ({ port }: { readonly port: number }) => ({ host: '0.0.0.0', port });

/** A file of the chart. */
export interface ChartFile {
  /** The file of the checkout that writes it. */
  readonly source: string;
  /** Its own path in the checkout. */
  readonly file: string;
  readonly text: string;
  /** What a comment begins with, where that is not `#`. */
  readonly comment?: string;
}

/** Every such file. */
export function chartFiles(): readonly ChartFile[] {
  const placement = kubernetesPlacement();
  const { amqp, management, metrics } = placement.rabbitmq;
  const broker = {
    amqp: everywhere(amqp),
    management: everywhere(management),
    metrics: everywhere(metrics),
  };
  const of =
    (source: string) =>
    (file: string, text: string, comment?: string): ChartFile => ({
      source,
      file: `${chartFolder}/${file}`,
      text,
      ...(comment === undefined ? {} : { comment }),
    });
  const values = of('deploy/src/chart/values.ts');
  const rabbitmq = of('deploy/src/settings/rabbitmq.ts');
  const operator = of('observability/src/operator.ts');
  const grafana = of('grafana/src/files.ts');
  return [
    values('values.yaml', chartValues()),
    values('values.schema.json', chartSchema()),
    of('deploy/src/chart/facts.ts')('files/topology.yaml', chartFacts()),
    of('observability/src/jaeger.ts')('files/jaeger.yaml', jaegerConfig(placement)),
    of('observability/src/prometheus.ts')('files/prometheus.yaml', prometheusConfig(placement)),
    of('observability/src/rules/index.ts')(`files/${rulesFile}`, prometheusRules()),
    operator('files/monitors.yaml', podMonitors(placement)),
    operator('files/prometheus-rule.yaml', prometheusRule()),
    ...Object.entries(provisioning(placement, dashboardsInPod)).map(([kind, text]) =>
      grafana(`files/grafana/${kind}.yaml`, text),
    ),
    // Helm reads nothing outside of the chart; in one line each, since nobody reads them here
    ...[...dashboardTexts(0)].map(([uid, text]) => grafana(`files/dashboards/${uid}.json`, text)),
    of('deploy/src/postgres-init.ts')('files/postgres-init.sh', postgresInit()),
    // the passwords are added in the pod, from its Secret
    rabbitmq('files/rabbitmq.conf', brokerSettings(broker)),
    rabbitmq('files/rabbitmq-enabled-plugins', brokerPlugins, '%'),
    rabbitmq('files/rabbitmq-nodes.conf', brokerNodeSettings()),
    rabbitmq('files/rabbitmq-nodes-enabled-plugins', brokerNodePlugins, '%'),
    of('deploy/src/settings/redis.ts')(
      'files/redis.conf',
      redisSettings(everywhere(placement.redis), '/data'),
    ),
    ...Object.entries(splitConfigs(placement)).map(([part, { bootstrap }]) =>
      of('envoy/src/write.ts')(`files/envoy/${part}/mesh.yaml`, toYaml(bootstrap)),
    ),
  ];
}
