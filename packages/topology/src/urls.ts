/** Where the parts of a mesh are reached from outside. */
import { type Address, nativePlacement, type Placement } from './placement.ts';
import { portOf } from './ports.ts';
import { services } from './services.ts';

/** Where clients ask the gateway: over TLS where it authenticates them. */
export function gatewayUrl({ edgeAuth, gateway }: Pick<Placement, 'edgeAuth' | 'gateway'>): string {
  const { host, port } = edgeAuth ? gateway.tls.address : gateway.address;
  return `${edgeAuth ? 'https' : 'http'}://${host}:${port}`;
}

/** Addresses by what they are, in the order in which they are shown. */
export function meshUrls(placement: Placement): Record<string, string> {
  const http = ({ host, port }: Address) => `http://${host}:${port}`;
  const gateway = gatewayUrl(placement);
  return {
    gateway,
    ...Object.fromEntries(services.map(({ name }) => [`docs/${name}`, `${gateway}/docs/${name}`])),
    control: http(placement.control),
    jaeger: http(placement.jaeger.query),
    prometheus: http(placement.prometheus),
    rabbitmq: http(placement.rabbitmq.management),
    amqp: `amqp://${placement.rabbitmq.amqp.host}:${placement.rabbitmq.amqp.port}`,
    postgres: `postgres://${placement.postgres.host}:${placement.postgres.port}`,
    redis: `redis://${placement.redis.host}:${placement.redis.port}`,
    // its root path has no page
    'gateway admin': `${http(placement.gateway.admin)}/clusters`,
  };
}

/**
 * Addresses of a mesh in containers, seen from the host: published ports, which move with `MESH_PORT_…`. It stands where
 * native mesh 1 would. Throws for a port that is none.
 */
export function publishedUrls(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return {
    ...meshUrls(nativePlacement({ instance: 1, env })),
    grafana: `http://127.0.0.1:${portOf('grafana', 1, env)}`,
  };
}
