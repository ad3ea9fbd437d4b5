/** RabbitMQ's settings and its own configuration file, the same in both run modes. */
import type { Address } from '@microshop/topology';

/** The broker's only user; `guest` does not exist. */
export const brokerUser = 'shop';

/** Arguments of the broker's virtual machine: schedulers with nothing to do sleep instead of spinning. */
export const brokerVmArguments = '+sbwt none';

/** The broker's API for people and tools, and its metrics. */
const plugins = ['rabbitmq_management', 'rabbitmq_prometheus'] as const;

function enabled(names: readonly string[]): string {
  return `[${names.join(',')}].\n`;
}

/** Text of the broker's file `enabled_plugins`. */
export const brokerPlugins = enabled(plugins);

/** The same for a node of several on Kubernetes: it finds the others by the names that a StatefulSet gives its pods. */
export const brokerNodePlugins = enabled([...plugins, 'rabbitmq_peer_discovery_k8s']);

/** How the nodes of a broker are named on Kubernetes. */
export const brokerNodes = {
  /** The headless Service by which nodes find each other, ready or not. */
  service: 'rabbitmq-nodes',
  /** The node in a pod. */
  nodeOf: (pod: string): string => `microshop@${pod}.${brokerNodes.service}`,
} as const;

/** Members of a quorum queue, of as many nodes or more. RabbitMQ's own number for a new queue, too. */
const queueMembers = 3;

/**
 * What a node of several has in `rabbitmq.conf` besides. Only the first pod makes a new broker; the others join it, and wait for it
 * as long as it takes (RabbitMQ 4.1 and newer, which asks no API server). A queue that was declared while a node was missing gets
 * its member there later.
 */
export function brokerNodeSettings(): string {
  const reconciliation = 'quorum_queue.continuous_membership_reconciliation';
  return linesOf({
    'cluster_formation.peer_discovery_backend': 'k8s',
    'cluster_formation.k8s.seed_node': brokerNodes.nodeOf('rabbitmq-0'),
    // leaders of queues are spread over the nodes
    queue_leader_locator: 'balanced',
    [`${reconciliation}.enabled`]: true,
    [`${reconciliation}.target_group_size`]: queueMembers,
    // a node that is removed on purpose has to be forgotten by an operator
    [`${reconciliation}.auto_remove`]: false,
  });
}

/** Addresses the broker binds. */
export interface BrokerAddresses {
  readonly amqp: Address;
  readonly management: Address;
  readonly metrics: Address;
}

/**
 * The file `rabbitmq.conf`. The user is made at the first start of an empty data directory. Without the password, a line for it
 * is added later.
 */
export function brokerSettings({ amqp, management, metrics }: BrokerAddresses, password?: string): string {
  const lines = {
    'listeners.tcp.mesh': `${amqp.host}:${amqp.port}`,
    'management.tcp.ip': management.host,
    'management.tcp.port': management.port,
    'prometheus.tcp.ip': metrics.host,
    'prometheus.tcp.port': metrics.port,
    default_vhost: '/',
    default_user: brokerUser,
    ...(password === undefined ? {} : { default_pass: password }),
    'default_user_tags.administrator': true,
    'default_permissions.configure': '.*',
    'default_permissions.read': '.*',
    'default_permissions.write': '.*',
    // stdout only: the runner or the engine keeps it
    'log.console': true,
    // at info a start writes two hundred lines, and a warning is lost among them
    'log.console.level': 'warning',
    'log.console.use_colors': 'off',
    'log.file': false,
  };
  return linesOf(lines);
}

function linesOf(settings: Readonly<Record<string, string | number | boolean>>): string {
  return `${Object.entries(settings)
    .map(([key, value]) => `${key} = ${value}`)
    .join('\n')}\n`;
}
