/**
 * The services of the shop and who talks to whom. Everything that can be derived is derived from here:
 * Envoy's routes and clusters, scrape targets, both run modes, and the spans an order must leave.
 */

/**
 * Every service, in the order in which they are started: whom it calls over HTTP, through its outbound sidecar, and
 * whether it keeps a cache in Redis. `npm run new-service` adds an entry and its folder.
 */
const entries = [
  { name: 'users', calls: [], cache: false },
  { name: 'products', calls: [], cache: true },
  { name: 'orders', calls: ['users', 'products'], cache: false },
] as const;

/** Name of a service; also its `service.name` in telemetry and its `Host` inside the mesh. */
export type ServiceName = (typeof entries)[number]['name'];

/** One service and what it touches. */
export interface Service {
  readonly name: ServiceName;
  /** Path the gateway routes to this service, with everything below it. */
  readonly route: string;
  /** The service's own database and the role that owns it; no other role may connect. */
  readonly database: { readonly name: string; readonly role: string };
  /** Services it calls over HTTP, through its outbound sidecar. */
  readonly calls: readonly ServiceName[];
  /** Whether it keeps a cache in Redis. */
  readonly cache: boolean;
}

/** Every service, in the order in which they are started. */
export const services: readonly Service[] = entries.map(({ name, calls, cache }) => ({
  name,
  route: `/api/${name}`,
  database: { name: `${name}_db`, role: name },
  calls,
  cache,
}));

/** An HTTP call from one service to another. */
export interface Edge {
  readonly caller: ServiceName;
  readonly callee: ServiceName;
}

/** Every HTTP edge between services, from {@link services}. */
export const edges: readonly Edge[] = services.flatMap((caller) =>
  caller.calls.map((callee) => ({ caller: caller.name, callee })),
);

/** The service of that name. Throws when there is none. */
export function serviceNamed(name: string): Service {
  const found = services.find((service) => service.name === name);
  if (found === undefined) {
    const known = services.map((service) => service.name).join(', ');
    throw new Error(`There is no service "${name}"; the topology names ${known}`);
  }
  return found;
}

/** Role that may read every service's database and write none (audits, tests). */
export const auditRole = 'audit';
