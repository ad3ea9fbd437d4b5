/** A mesh of a test: its own directory, the addresses of the integration tests' instance, and the real tools. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeChanges } from '@microshop/control/changes/book';
import { makeNativeSecrets } from '@microshop/control/secrets/passwords';
import { certificateSettings, ensureCertificates } from '@microshop/envoy';
import { meshPaths } from '@microshop/program-kit/run-directory';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { type Address, nativePlacement } from '@microshop/topology';
import type { Part } from '../../supervision/part.ts';
import { startProvisioning, type ToolName } from '../../tools/index.ts';
import { certificatesDirectory, changeDirectories, type MeshContext } from '../context.ts';
import { type RunningPart, runPart } from './run-part.ts';

/** Parts a test has started; hooks run in the order they were made, and a server must end before its files go. */
const startedBy = new WeakMap<TestContext, { readonly running: RunningPart[]; readonly directory: string }>();

/**
 * A mesh in a directory only its owner may enter, as below a home directory; removed after the test. It has the passwords
 * that the control service would have made.
 */
export async function testMesh(t: TestContext, tools: readonly ToolName[]): Promise<MeshContext> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-parts-'));
  const running: RunningPart[] = [];
  startedBy.set(t, { running, directory });
  t.after(async () => {
    for (const part of running.reverse()) await part.stop();
    await rm(directory, { recursive: true, force: true });
  });
  await makeNativeSecrets(meshPaths(directory).secrets);
  return {
    placement: nativePlacement({ instance: testInstance('integration'), env: {} }),
    directory,
    root: fileURLToPath(new URL('../../../..', import.meta.url)),
    tool: startProvisioning(tools).tool,
    env: { PATH: process.env.PATH },
  };
}

/** Writes what Envoys need besides their configuration, as the control service does before it is live. */
export async function filesOfEnvoys(mesh: MeshContext): Promise<void> {
  await ensureCertificates({ directory: certificatesDirectory(mesh), ...certificateSettings({}) });
  await writeChanges(mesh.placement, changeDirectories(mesh));
}

/** Starts a part for the length of a test; it is stopped then if the test did not do it. */
export async function started(t: TestContext, part: Part): Promise<RunningPart> {
  const ofTest = startedBy.get(t);
  if (ofTest === undefined) throw new Error('testMesh comes first: it ends what is started');
  const running = await runPart(part, ofTest.directory);
  ofTest.running.push(running);
  return running;
}

/** Whether anything accepts connections there. */
export function listens(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Addresses of a part that still accept connections. */
export async function openPorts(part: Part): Promise<string[]> {
  const open: string[] = [];
  for (const port of part.ports)
    if (await listens(port)) open.push(`${port.host}:${port.port} ${port.purpose}`);
  return open;
}
