/** How servers of one's own are asked with TLS: by their own names, which their certificates have, and at the ports that they have for it. */
import { type Address, kubernetesPlacement, type Placement } from '@microshop/topology';

/** Servers that can be asked so. */
export const tlsServers = ['postgres', 'rabbitmq', 'redis'] as const;

/** A way to a server that has another address with TLS. */
interface TlsWay {
  readonly server: (typeof tlsServers)[number];
  /** Its port without TLS. */
  readonly plainPort: number;
  readonly port: number;
  /** The address without TLS in an environment, a regular expression with two groups: the user before the host, and the path. */
  readonly pattern: string;
  readonly scheme: string;
}

/** Ports of RabbitMQ with TLS, as its operator and its documentation have them. */
const brokerPorts = { amqps: 5671, management: 15_671 } as const;

/** Every way. PostgreSQL and Redis have one port for both. */
export function tlsWays(placement: Placement = kubernetesPlacement()): readonly TlsWay[] {
  const { postgres, rabbitmq, redis } = placement;
  const way = (
    server: TlsWay['server'],
    { host, port: plainPort }: Address,
    [plain, scheme]: readonly [string, string],
    port = plainPort,
  ): TlsWay => ({
    server,
    plainPort,
    port,
    pattern: `^${plain}://([^@/]*@)?${host}:${plainPort}(/.*)?$`,
    scheme,
  });
  return [
    way('postgres', postgres, ['postgres', 'postgres']),
    way('rabbitmq', rabbitmq.amqp, ['amqp', 'amqps'], brokerPorts.amqps),
    way('rabbitmq', rabbitmq.management, ['http', 'https'], brokerPorts.management),
    way('redis', redis, ['redis', 'rediss']),
  ];
}
