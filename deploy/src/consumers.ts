/** Who gets which password: its own, and those of the servers it uses. In containers each has a directory, and a volume. */
import { auditRole, brokerServices, type ServiceName, serviceNamed, services } from '@microshop/topology';

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

/** File of the keys that sign the tokens of clients, in the directory of the service that signs. */
export const signingKeysFile = 'signing-keys.json';

/** Name of the broker's password and of its directory. */
export const brokerSecret = 'rabbitmq';

/** Name of the cache's. */
export const cacheSecret = 'redis';

/** Passwords of a service: that of its role, and those of the broker and the cache where it uses them. */
export function passwordsOf(service: ServiceName): readonly SecretName[] {
  const { name, cache } = serviceNamed(service);
  return [
    name,
    ...(brokerServices.includes(name) ? ([brokerSecret] as const) : []),
    ...(cache ? ([cacheSecret] as const) : []),
  ];
}

/** Every consumer. Adding a service to the topology adds its directory here. */
export const consumers: readonly Consumer[] = [
  {
    // it creates the roles at its first start
    name: 'postgres',
    passwords: ['postgres', auditRole, ...services.map(({ name }) => name)],
    server: true,
  },
  { name: brokerSecret, passwords: [brokerSecret], server: true },
  { name: cacheSecret, passwords: [cacheSecret], server: true },
  { name: 'grafana', passwords: ['grafana'], server: true },
  { name: auditRole, passwords: [auditRole], server: false },
  ...services.map(({ name }): Consumer => ({ name, passwords: passwordsOf(name), server: false })),
];

/** Every password of a native mesh: one user runs all of it, and one directory holds them. */
export const secretNames: readonly SecretName[] = [
  'postgres',
  auditRole,
  ...services.map(({ name }) => name),
  brokerSecret,
  cacheSecret,
];

/** File of a password in a directory of secrets; its content is the password and nothing else. */
export function passwordFile(password: PasswordName): string {
  return `${password}-password`;
}
