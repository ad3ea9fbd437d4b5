/** Environment of a service's app: the same names in both run modes. */
import {
  type Address,
  brokerServices,
  type Placement,
  type Pod,
  podPorts,
  serviceNamed,
} from '@microshop/topology';
import { brokerSecret, cacheSecret, type PasswordName } from './consumers.ts';
import { brokerUser } from './settings/rabbitmq.ts';
import { breakerServices } from './volumes.ts';

/** Where an app finds its files. */
export interface AppFiles {
  /** File that holds that password and nothing else. */
  password(name: PasswordName): string;
  /** Directory of the policies of its breakers. */
  readonly breakers: string;
}

/** What the app of a pod reads about its mesh; the level of its log is for whoever starts it. */
export function appEnvironment(placement: Placement, pod: Pod, files: AppFiles): Record<string, string> {
  const { name, database, cache } = serviceNamed(pod.service);
  const broker = {
    AMQP_URL: `amqp://${brokerUser}@${at(placement.rabbitmq.amqp)}`,
    AMQP_PASSWORD_FILE: files.password(brokerSecret),
  };
  const cached = {
    REDIS_URL: `redis://${at(placement.redis)}`,
    REDIS_PASSWORD_FILE: files.password(cacheSecret),
  };
  return {
    // the app listens for its sidecar only, and reaches its peers only through it
    HOST: pod.localBind,
    PORT: String(podPorts.app),
    MESH_OUTBOUND_URL: `http://${at({ host: pod.localBind, port: podPorts.outbound })}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${at(placement.jaeger.otlpHttp)}`,
    OTEL_SERVICE_NAME: name,
    OTEL_RESOURCE_ATTRIBUTES: resourceAttributes(placement, pod.app),
    DATABASE_URL: `postgres://${database.role}@${at(placement.postgres)}/${database.name}`,
    DATABASE_PASSWORD_FILE: files.password(name),
    ...(brokerServices.includes(name) ? broker : {}),
    ...(cache ? cached : {}),
    ...(breakerServices.includes(name) ? { MESH_BREAKERS_DIR: files.breakers } : {}),
  };
}

/** Value of `OTEL_RESOURCE_ATTRIBUTES` of a part. */
export function resourceAttributes({ mode }: Pick<Placement, 'mode'>, part: string): string {
  return `service.instance.id=${part},deployment.environment.name=${mode}`;
}

function at({ host, port }: Address): string {
  return `${host}:${port}`;
}
