/** RabbitMQ's settings and its own configuration file, the same in both run modes. */
import type { Address } from '@microshop/topology';

/** The broker's only user; `guest` does not exist. */
export const brokerUser = 'shop';

/** Arguments of the broker's virtual machine: schedulers with nothing to do sleep instead of spinning. */
export const brokerVmArguments = '+sbwt none';

/** Text of the broker's file `enabled_plugins`: its API for people and tools, and its metrics. */
export const brokerPlugins = '[rabbitmq_management,rabbitmq_prometheus].\n';

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
    // stdout only, where the runner or the engine keeps it
    'log.console': true,
    // a start writes two hundred lines at info, in which a warning is not seen
    'log.console.level': 'warning',
    'log.console.use_colors': 'off',
    'log.file': false,
  };
  return `${Object.entries(lines)
    .map(([key, value]) => `${key} = ${value}`)
    .join('\n')}\n`;
}
