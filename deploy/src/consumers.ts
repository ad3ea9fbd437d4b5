/** Who gets which secret in compose: one directory, and one volume, per consumer. */

import { auditRole, eventRoutes, type ServiceName, services } from '@microshop/topology';

/** Name of a secret: the superuser, the read-only role, a service's role, the shop's user at the broker, the cache. */
export type SecretName = 'postgres' | 'audit' | ServiceName | 'rabbitmq' | 'redis';

/** A password of the mesh; Grafana is a server of compose only. */
export type PasswordName = SecretName | 'grafana';

/** One directory of secrets. */
export interface Consumer {
  /** Name of the directory, and with `secrets-` before it of the volume. */
  readonly name: PasswordName;
  /** Passwords it gets, each in `<name>-password`. */
  readonly passwords: readonly PasswordName[];
  /**
   * Whether its server runs as a user of its image's own. Its files are then readable by the group of secrets, which
   * that server is in; everybody else's only by their owner, as which our services run.
   */
  readonly server: boolean;
}

/** Name of the broker's password and of its directory. */
export const brokerSecret: PasswordName = 'rabbitmq';

/** Name of the cache's. */
export const cacheSecret: PasswordName = 'redis';

/** Services that publish or consume events. */
const onBroker = new Set<string>(eventRoutes.flatMap(({ from, to }) => [from, to]));

/** Every consumer. Adding a service to the topology adds its directory here. */
export const consumers: readonly Consumer[] = [
  {
    // it makes the roles at its first start
    name: 'postgres',
    passwords: ['postgres', auditRole, ...services.map(({ name }) => name)],
    server: true,
  },
  { name: brokerSecret, passwords: [brokerSecret], server: true },
  { name: cacheSecret, passwords: [cacheSecret], server: true },
  { name: 'grafana', passwords: ['grafana'], server: true },
  { name: auditRole, passwords: [auditRole], server: false },
  ...services.map(({ name, cache }): Consumer => {
    const servers: PasswordName[] = [
      ...(onBroker.has(name) ? [brokerSecret] : []),
      ...(cache ? [cacheSecret] : []),
    ];
    return { name, passwords: [name, ...servers], server: false };
  }),
];

/** File of a password in a consumer's directory. */
export function passwordFile(password: PasswordName): string {
  return `${password}-password`;
}
