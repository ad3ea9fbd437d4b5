/** The control service: the API of the CLI and the console. */
import path from 'node:path';
import { telemetryEnvironment } from '@microshop/deploy/app-environment';
import { programs } from '@microshop/deploy/programs';
import { replicasOf } from '@microshop/topology';
import type { Part } from '../supervision/part.ts';
import { hostPort } from './bound-ports.ts';
import { baseEnvironment, certificatesDirectory, changeDirectories, type MeshContext } from './context.ts';
import { answersOk } from './http.ts';

/** The part `control`. It gets the variables that place this mesh and those about certificates. */
export function controlPart(mesh: MeshContext): Part {
  const address = mesh.placement.control;
  const { state, envoy, apps } = changeDirectories(mesh);
  const passed = Object.entries(mesh.env ?? process.env).filter(
    (entry): entry is [string, string] =>
      /^MESH_(PORT|CERTIFICATE)_/.test(entry[0]) && entry[1] !== undefined,
  );
  return {
    name: 'control',
    kind: 'control',
    dependsOn: [],
    // live: every file the others need is written; ready: the demo data went through all of them
    early: { live: (signal) => answersOk(address, '/health/live', signal), needs: ['gateway'] },
    ports: [hostPort(address, 'control')],
    process: () => ({
      file: process.execPath,
      args: ['--import', path.join(mesh.root, programs.telemetry), path.join(mesh.root, programs.control)],
      env: {
        ...baseEnvironment(mesh),
        ...Object.fromEntries(passed),
        HOST: address.host,
        PORT: String(address.port),
        MESH_INSTANCE: String(mesh.placement.instance),
        MESH_CERTIFICATES_DIR: certificatesDirectory(mesh),
        MESH_REPLICAS: JSON.stringify(replicasOf(mesh.placement)),
        MESH_STATE_DIR: state,
        MESH_ENVOY_DIR: envoy,
        MESH_APPS_DIR: apps,
        ...telemetryEnvironment(mesh.placement, 'control', 'control'),
        // Its looks at traces would stand among the traces it looks at.
        OTEL_TRACES_EXPORTER: 'none',
        LOG_LEVEL: (mesh.env ?? process.env).LOG_LEVEL ?? 'info',
      },
      cwd: mesh.root,
    }),
    healthy: (signal) => answersOk(address, '/health/ready', signal),
    stopTimeoutMs: 10_000,
  };
}
