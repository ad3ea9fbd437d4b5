/**
 * What every part of one mesh is made from: its directories, its environment, how its ports are named, and health over
 * HTTP.
 */

import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { passwordFile, type SecretName } from '@microshop/deploy/consumers';
import { meshPaths } from '@microshop/program-kit/run-directory';
import { type Address, type Placement, type PortName, portVariable } from '@microshop/topology';
import { request } from 'undici';
import type { BoundPort, PartMaking } from '../supervision/part.ts';
import type { Tool, ToolName } from '../tools/index.ts';

/** Options of `meshParts`. */
export interface MeshContext {
  readonly placement: Placement;
  /** Directory of this mesh, absolute: `.mesh/<instance>`. */
  readonly directory: string;
  /** The checkout, absolute. */
  readonly root: string;
  /** The program of a tool, as soon as it is there: a part's `prepare` waits for its own tool only. */
  tool(name: ToolName): Promise<Tool>;
  /** Whether a tool has to be made first; asked for the tools that a mesh can do without for a time. */
  isMissing?(name: ToolName): Promise<boolean>;
  /** How far the making of a tool is; `undefined` when it is not being made. */
  making?(name: ToolName): PartMaking | undefined;
  /** Environment of the command that starts the mesh; `process.env` when absent. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Directory of what a part keeps between starts. */
export function dataDirectory(mesh: MeshContext, part: string): string {
  return path.join(meshPaths(mesh.directory).data, part);
}

/** Directory of generated configuration. */
export function configDirectory(mesh: MeshContext): string {
  return meshPaths(mesh.directory).config;
}

/** Directory of the Envoys' certificates; an Envoy finds it from the directory of the mesh, in which it is started. */
export function certificatesDirectory(mesh: MeshContext): string {
  return meshPaths(mesh.directory).certificates;
}

/**
 * Where changes of the running mesh are kept, and where Envoys and apps see them: the Envoys are started in the mesh's
 * directory.
 */
export function changeDirectories(mesh: MeshContext) {
  const { changes, envoys, apps } = meshPaths(mesh.directory);
  return { state: changes, envoy: envoys, apps };
}

/** File of a password of the mesh. */
export function secretFile({ directory }: Pick<MeshContext, 'directory'>, name: SecretName): string {
  return path.join(meshPaths(directory).secrets, passwordFile(name));
}

/** A password of the mesh. Throws when the control service, which makes them, never ran. */
export async function readSecret(mesh: Pick<MeshContext, 'directory'>, name: SecretName): Promise<string> {
  return await readFile(secretFile(mesh, name), 'utf8');
}

/**
 * What a server with those passwords starts after: the control service, until it has made them. Later they are kept, and a
 * server does not wait for it: RabbitMQ takes 5 s to start, control 2 s before it is live.
 */
export function afterPasswords(
  mesh: Pick<MeshContext, 'directory'>,
  names: readonly SecretName[],
): readonly string[] {
  // control creates an empty one again
  const isThere = (name: SecretName) =>
    (statSync(secretFile(mesh, name), { throwIfNoEntry: false })?.size ?? 0) > 0;
  return names.every(isThere) ? [] : ['control'];
}

/** What every process gets: where to find programs, where to write temporary files, and UTF-8. */
export function baseEnvironment(mesh: MeshContext): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', NODE_COMPILE_CACHE } = mesh.env ?? process.env;
  return {
    PATH,
    HOME: mesh.directory,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    // set by ./mesh: services start from the compile cache
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
  };
}

/** A port of the host side; its variable moves it. */
export function hostPort(address: Address, name: PortName, purpose: string = name): BoundPort {
  return { ...address, purpose: `${purpose} (${portVariable(name)})` };
}

/** A port inside a pod; `MESH_INSTANCE` moves the pod's address. */
export function podPort(host: string, port: number, purpose: string): BoundPort {
  return { host, port, purpose: `${purpose} (MESH_INSTANCE moves ${host})` };
}

/** Status and body of a GET. The connection is closed after it, so that it never holds up an ordered stop. */
export async function get(
  address: Address,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await request(`http://${address.host}:${address.port}${path}`, { signal, reset: true });
  return { status: answer.statusCode, body: await answer.body.text() };
}

/** Whether a GET answers 200. */
export async function answersOk(address: Address, path: string, signal: AbortSignal): Promise<boolean> {
  return (await get(address, path, signal)).status === 200;
}
