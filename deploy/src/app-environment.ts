/** Environment of a service's app: the same names in both run modes. */
import {
  type Address,
  breakerServices,
  brokerServices,
  type Placement,
  type Pod,
  podPorts,
  publicKeys,
  serviceNamed,
} from '@microshop/topology';
import { brokerSecret, cacheSecret, type SecretName } from './consumers.ts';
import { brokerUser } from './settings/rabbitmq.ts';

/** Where an app finds its files. */
export interface AppFiles {
  /** File that holds that password and nothing else. */
  password(name: SecretName): string;
  /** Directory of the policies of its breakers. */
  readonly breakers: string;
  /** File of the keys that sign tokens; absent where clients are never authenticated. */
  readonly signingKeys?: string;
}

/** What the app of a pod reads about its mesh; the level of its log is chosen at its start. */
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
    // the app accepts calls from its sidecar only, and calls its peers only through it
    HOST: pod.localBind,
    PORT: String(podPorts.app),
    MESH_OUTBOUND_URL: `http://${at({ host: pod.localBind, port: podPorts.outbound })}`,
    ...telemetryEnvironment(placement, name, pod.app),
    DATABASE_URL: `postgres://${database.role}@${at(placement.postgres)}/${database.name}`,
    DATABASE_PASSWORD_FILE: files.password(name),
    ...(brokerServices.includes(name) ? broker : {}),
    ...(cache ? cached : {}),
    ...(name === publicKeys.service && files.signingKeys !== undefined
      ? { SIGNING_KEYS_FILE: files.signingKeys }
      : {}),
    ...(breakerServices.includes(name) ? { MESH_BREAKERS_DIR: files.breakers } : {}),
  };
}

/** What the telemetry of a part reads: where it sends to, and as whom. */
export function telemetryEnvironment(
  { mode, jaeger }: Placement,
  service: string,
  part: string,
): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${at(jaeger.otlpHttp)}`,
    OTEL_SERVICE_NAME: service,
    OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${part},deployment.environment.name=${mode}`,
  };
}

function at({ host, port }: Address): string {
  return `${host}:${port}`;
}
