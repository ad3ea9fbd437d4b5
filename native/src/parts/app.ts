/** The services' processes. */
import path from 'node:path';
import { appEnvironment } from '@microshop/deploy/app-environment';
import { type SecretName, secretFile } from '@microshop/deploy/consumers';
import { programs } from '@microshop/deploy/programs';
import { type Pod, podPorts } from '@microshop/topology';
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
    dependsOn: ['control', 'postgres'],
    ports: [podPort(local.host, local.port, pod.app)],
    process: () => ({
      file: process.execPath,
      args: [
        '--import',
        path.join(mesh.root, programs.telemetry),
        path.join(mesh.root, programs.service(pod.service)),
      ],
      env: environmentOf(mesh, pod),
      cwd: mesh.root,
    }),
    healthy: (signal) => answersOk(local, '/health/ready', signal),
    stopTimeoutMs: 15_000,
  };
}

function environmentOf(mesh: MeshContext, pod: Pod): Record<string, string> {
  const files = {
    password: (name: SecretName) => secretFile(mesh.directory, name),
    breakers: path.join(changeDirectories(mesh).apps, pod.app),
  };
  return {
    ...baseEnvironment(mesh),
    ...appEnvironment(mesh.placement, pod, files),
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
