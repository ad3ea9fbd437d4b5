/** How many pods each service has. */
import { type Placement, podsOf } from './placement.ts';
import { type ServiceName, services } from './services.ts';

/** Replicas of each service; one where absent. */
export type Replicas = Partial<Record<ServiceName, number>>;

/** Pods of one service have addresses 10 apart, 127.0.0.11 and up: nine fit without thinking. */
const mostReplicas = 9;

/** Checks replicas given as an object. Throws `RangeError`, or `TypeError`, naming what is wrong. */
export function parseReplicas(value: unknown): Replicas {
  if (typeof value !== 'object' || value === null) throw new TypeError('Replicas must be an object');
  const replicas: Replicas = {};
  for (const [name, count] of Object.entries(value)) {
    const service = services.find((candidate) => candidate.name === name);
    if (service === undefined) {
      const known = services.map((candidate) => candidate.name).join(', ');
      throw new RangeError(`There is no service "${name}" to replicate; the services are ${known}`);
    }
    if (!Number.isInteger(count) || count < 1 || count > mostReplicas) {
      throw new RangeError(`Replicas of ${name} must be a number from 1 to ${mostReplicas}, not "${count}"`);
    }
    replicas[service.name] = count;
  }
  return replicas;
}

/** Replicas of every service. */
export function replicasOf(placement: Placement): Record<string, number> {
  return Object.fromEntries(services.map(({ name }) => [name, podsOf(placement, name).length]));
}
