/**
 * Who may open a connection to whom in the cluster, and at which port: every edge of the topology, and what telemetry,
 * metrics and the control service need. The chart's NetworkPolicies are these lines; what is not here is refused.
 */
import {
  type Address,
  brokerServices,
  callEdges,
  identities,
  kubernetesPlacement,
  type Placement,
  portOf,
  services,
} from '@microshop/topology';

/** One port that pods of a name may reach at pods of another; `outside` is any client of the gateway. */
export interface Connection {
  readonly from: string;
  readonly to: string;
  /** TCP. */
  readonly port: number;
}

/** Name of the pod of `helm test`. */
export const testPod = 'order-test';

/** Ports at which the nodes of a broker of several find each other. */
export const brokerNodePorts = {
  epmd: portOf('epmd', 1, {}),
  distribution: portOf('rabbitmq_distribution', 1, {}),
} as const;

/**
 * Every connection. Names are those of the Services and of the label `app.kubernetes.io/name`; one of a part to itself is between
 * its pods. The chart leaves out those of a part that is not chosen.
 */
export function connections(placement: Placement = kubernetesPlacement()): readonly Connection[] {
  const { gateway, postgres, redis, rabbitmq, jaeger, prometheus, control, grafana, pods } = placement;
  const way = (from: string, { host, port }: Address): Connection => ({ from, to: host, port });
  const inboundOf = (callee: string): readonly Address[] =>
    pods.filter(({ service }) => service === callee).map(({ inbound }) => inbound);
  const admins = [gateway.admin, ...pods.map(({ admin }) => admin)];
  return [
    way('outside', gateway.address),
    ...callEdges.flatMap(({ caller, callee }) => inboundOf(callee).map((to) => way(caller, to))),
    ...services.flatMap(({ name, cache }) => [
      way(name, postgres),
      ...(brokerServices.includes(name) ? [way(name, rabbitmq.amqp)] : []),
      ...(cache ? [way(name, redis)] : []),
      // what the app sends; its Envoy sends over gRPC
      way(name, jaeger.otlpHttp),
    ]),
    ...identities.flatMap((identity) => [way(identity, jaeger.otlpGrpc), way(identity, control)]),
    ...[gateway.address, postgres, rabbitmq.amqp, rabbitmq.management, redis].map((to) => way('control', to)),
    ...[jaeger.query, jaeger.otlpHttp, prometheus, ...admins].map((to) => way('control', to)),
    ...[...admins, jaeger.metrics, jaeger.collectorMetrics, rabbitmq.metrics].map((to) =>
      way('prometheus', to),
    ),
    way('jaeger', prometheus),
    ...[prometheus, jaeger.query].map((to) => way(grafana.host, to)),
    ...Object.values(brokerNodePorts).map((port) => way('rabbitmq', { host: 'rabbitmq', port })),
    ...[gateway.address, control, jaeger.query, prometheus].map((to) => way(testPod, to)),
  ];
}
