/** Our own processes: the apps of the services, and the control service. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { appEnvironment, telemetryEnvironment } from '@microshop/deploy/app-environment';
import { type SecretName, signingKeysFile } from '@microshop/deploy/consumers';
import { controlMemory, programs } from '@microshop/deploy/programs';
import { meshPaths, mutantFile } from '@microshop/program-kit/run-directory';
import { corsVariable, edgeAuthVariable, type Pod, podPorts, replicasOf } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Part } from '../supervision/part.ts';
import {
  answersOk,
  baseEnvironment,
  certificatesDirectory,
  changeDirectories,
  hostPort,
  type MeshContext,
  podPort,
  secretFile,
} from './context.ts';

/**
 * The part of a pod's app. It needs its database to start; broker, cache and telemetry may come later, and their
 * absence is reported in the body of its health.
 */
export function appPart(mesh: MeshContext, pod: Pod): Part {
  const local = { host: pod.localBind, port: podPorts.app };
  return {
    name: pod.app,
    kind: 'app',
    dependsOn: ['control', 'postgres'],
    ports: [podPort(local.host, local.port, pod.app)],
    process: async () => ({
      file: process.execPath,
      args: [
        '--import',
        path.join(mesh.root, programs.telemetry),
        path.join(mesh.root, programs.service(pod.service)),
      ],
      env: { ...environmentOf(mesh, pod), ...(await mutantEnvironment(mesh, pod.app)) },
      cwd: mesh.root,
    }),
    healthy: (signal) => answersOk(local, '/health/ready', signal),
    stopTimeoutMs: 15_000,
  };
}

function environmentOf(mesh: MeshContext, pod: Pod): Record<string, string> {
  const files = {
    password: (name: SecretName) => secretFile(mesh, name),
    breakers: path.join(changeDirectories(mesh).apps, pod.app),
    signingKeys: path.join(meshPaths(mesh.directory).secrets, signingKeysFile),
  };
  return {
    ...baseEnvironment(mesh),
    ...appEnvironment(mesh.placement, pod, files),
    ...edgeAuthEnvironment(mesh),
    LOG_LEVEL: (mesh.env ?? process.env).LOG_LEVEL ?? 'info',
    ...labEnvironment(mesh, pod),
  };
}

/** Whether clients are authenticated, as the mesh was started. */
function edgeAuthEnvironment({ placement }: MeshContext): Record<string, string> {
  return placement.edgeAuth ? { [edgeAuthVariable]: '1' } : {};
}

/** Failpoints are there only in a mesh started with `MESH_LAB=1`, as the durability tests do. */
function labEnvironment(mesh: MeshContext, pod: Pod): Record<string, string> {
  if ((mesh.env ?? process.env)['MESH_LAB'] !== '1') return {};
  return { MESH_LAB: '1', MESH_LAB_DIRECTORY: path.join(meshPaths(mesh.directory).failpoints, pod.app) };
}

const mutantSchema = Type.Object({
  /** The runner that it was written for: what an earlier one has left counts no more. */
  runner_pid: Type.Integer(),
  env: Type.Record(Type.String(), Type.String()),
});

/** What the laboratory adds while an experiment runs that must fail; nothing otherwise. */
async function mutantEnvironment(mesh: MeshContext, part: string): Promise<Record<string, string>> {
  const file = mutantFile(meshPaths(mesh.directory).mutants, part);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  const { runner_pid: pid, env } = Value.Parse(mutantSchema, JSON.parse(text));
  return pid === process.pid ? env : {};
}

/** The part `control`. It gets the variables that place this mesh and those about certificates, also about one of the user's own. */
export function controlPart(mesh: MeshContext): Part {
  const address = mesh.placement.control;
  const { state, envoy, apps } = changeDirectories(mesh);
  const passed = Object.entries(mesh.env ?? process.env).filter(
    (entry): entry is [string, string] =>
      /^MESH_(PORT|CERTIFICATE|GATEWAY)_/.test(entry[0]) && entry[1] !== undefined,
  );
  return {
    name: 'control',
    kind: 'control',
    dependsOn: [],
    // live: every file that others need is written; ready: the demo data passed through all services
    early: { live: (signal) => answersOk(address, '/health/live', signal), needs: ['gateway'] },
    ports: [hostPort(address, 'control')],
    process: async () => ({
      file: process.execPath,
      args: [
        ...controlMemory,
        '--import',
        path.join(mesh.root, programs.telemetry),
        path.join(mesh.root, programs.control),
      ],
      env: {
        ...baseEnvironment(mesh),
        ...Object.fromEntries(passed),
        HOST: address.host,
        PORT: String(address.port),
        MESH_INSTANCE: String(mesh.placement.instance),
        MESH_CERTIFICATES_DIR: certificatesDirectory(mesh),
        MESH_REPLICAS: JSON.stringify(replicasOf(mesh.placement)),
        ...edgeAuthEnvironment(mesh),
        [corsVariable]: mesh.placement.corsOrigins.join(','),
        MESH_STATE_DIR: state,
        MESH_ENVOY_DIR: envoy,
        MESH_APPS_DIR: apps,
        ...telemetryEnvironment(mesh.placement, 'control', 'control'),
        // The traces of its own requests would be among those that it reads.
        OTEL_TRACES_EXPORTER: 'none',
        LOG_LEVEL: (mesh.env ?? process.env).LOG_LEVEL ?? 'info',
        ...(await mutantEnvironment(mesh, 'control')),
      },
      cwd: mesh.root,
    }),
    healthy: (signal) => answersOk(address, '/health/ready', signal),
    stopTimeoutMs: 10_000,
  };
}
