/** The services' processes. */
import path from 'node:path';
import { podsWithBreakers, writeChanges } from '@microshop/control/changes/apply';
import { ensureSecret, secretFile } from '@microshop/control/secrets/native';
import { brokerUser } from '@microshop/deploy/settings/rabbitmq';
import { type Pod, podPorts, serviceNamed } from '@microshop/topology';
import type { Part } from '../supervision/part.ts';
import { podPort } from './bound-ports.ts';
import { baseEnvironment, changeDirectories, type MeshContext } from './context.ts';
import { answersOk } from './http.ts';

/**
 * The part of a pod's app. It needs its database to start; broker, cache and telemetry may come later, and their
 * absence is told in the body of its health.
 */
export function appPart(mesh: MeshContext, pod: Pod): Part {
  const local = { host: pod.localBind, port: podPorts.app };
  return {
    name: pod.app,
    kind: 'app',
    dependsOn: ['postgres'],
    ports: [podPort(local.host, local.port, pod.app)],
    prepare: async () => {
      await ensureSecret(mesh.directory, pod.service);
      await ensureSecret(mesh.directory, 'rabbitmq');
      if (serviceNamed(pod.service).cache) await ensureSecret(mesh.directory, 'redis');
      // the directory it watches must be there, and what was changed while it was away must count
      if (podsWithBreakers(mesh.placement).includes(pod)) {
        await writeChanges(mesh.placement, changeDirectories(mesh));
      }
    },
    process: () => ({
      file: process.execPath,
      args: [
        '--import',
        path.join(mesh.root, 'packages/telemetry/src/register.ts'),
        path.join(mesh.root, 'services', pod.service, 'src/main.ts'),
      ],
      env: appEnvironment(mesh, pod),
      cwd: mesh.root,
    }),
    healthy: (signal) => answersOk(local, '/health/ready', signal),
    stopTimeoutMs: 15_000,
  };
}

/** Environment of an app: the same names in both run modes. */
export function appEnvironment(mesh: MeshContext, pod: Pod): Record<string, string> {
  const { placement, directory } = mesh;
  const { database, cache } = serviceNamed(pod.service);
  const at = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;
  return {
    ...baseEnvironment(mesh),
    HOST: pod.localBind,
    PORT: String(podPorts.app),
    MESH_OUTBOUND_URL: `http://${at({ host: pod.localBind, port: podPorts.outbound })}`,
    DATABASE_URL: `postgres://${database.role}@${at(placement.postgres)}/${database.name}`,
    DATABASE_PASSWORD_FILE: secretFile(directory, pod.service),
    AMQP_URL: `amqp://${brokerUser}@${at(placement.rabbitmq.amqp)}`,
    AMQP_PASSWORD_FILE: secretFile(directory, 'rabbitmq'),
    ...(podsWithBreakers(placement).includes(pod)
      ? { MESH_BREAKERS_DIR: path.join(changeDirectories(mesh).apps, pod.app) }
      : {}),
    ...(cache
      ? {
          REDIS_URL: `redis://${at(placement.redis)}`,
          REDIS_PASSWORD_FILE: secretFile(directory, 'redis'),
        }
      : {}),
    OTEL_SERVICE_NAME: pod.service,
    OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${pod.app},deployment.environment.name=${placement.mode}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${at(placement.jaeger.otlpHttp)}`,
    LOG_LEVEL: (mesh.env ?? process.env).LOG_LEVEL ?? 'info',
    ...labEnvironment(mesh, pod),
  };
}

/** Where files arm the failpoints of an app. */
export function failpointDirectory(directory: string, app: string): string {
  return path.join(directory, 'lab', app);
}

/** Failpoints are there only for whoever starts the mesh with `MESH_LAB=1`, as the durability tests do. */
function labEnvironment(mesh: MeshContext, pod: Pod): Record<string, string> {
  if ((mesh.env ?? process.env)['MESH_LAB'] !== '1') return {};
  return { MESH_LAB: '1', MESH_LAB_DIRECTORY: failpointDirectory(mesh.directory, pod.app) };
}
