/** Brings up a mesh with given settings, and takes it down: a measured mesh is nobody else's. */
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { meshSettings } from '@microshop/cli/mesh/settings';
import { CommandFailed } from '@microshop/cli/output/errors';
import { progress } from '@microshop/cli/output/output';
import { bringDown } from '@microshop/native/supervision/bring-down';
import { startDaemon } from '@microshop/native/supervision/daemon';
import { partsWithoutTools } from '@microshop/native/supervision/mesh';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { type Address, parseReplicas, type ServiceName } from '@microshop/topology';
import type { Setup } from '../setup.ts';
import { aloneUrl } from './alone.ts';
import { untilHealthy } from './healthy.ts';
import { setupVariable } from './settings.ts';

/** A mesh that is up. */
export interface MeasuredMesh {
  /** Where each service is asked, `http://host:port`. */
  urlOf(service: ServiceName): string;
  /** Jaeger's API. */
  readonly jaeger: string;
  /** Its parts as they run now. */
  status(): Promise<MeshStatus>;
}

/** Gives meshes, one at a time. */
export interface Meshes {
  /** The mesh with those settings. The one that is up stays if it has them, else it is taken down first. */
  with(setup: Setup): Promise<MeasuredMesh>;
  /** Takes down the mesh that is up. */
  down(): Promise<void>;
}

const entry = fileURLToPath(new URL('./daemon-main.ts', import.meta.url));

/** Meshes with the number of `MESH_INSTANCE`. Throws `CommandFailed` when such a mesh runs already. */
export async function createMeshes(signal: AbortSignal): Promise<Meshes> {
  const { client, directory, instance, placement } = meshSettings();
  if ((await client.place()) !== undefined) {
    throw new CommandFailed(
      `Mesh ${instance} runs; a measured mesh is started for it alone: ./mesh down, or MESH_INSTANCE=${instance === 9 ? 8 : instance + 1} ./mesh bench`,
    );
  }
  let up: Setup | undefined;

  async function status(): Promise<MeshStatus> {
    const found = await client.status();
    if (found === undefined) throw new CommandFailed('The measured mesh has ended: ./mesh logs runner');
    return found;
  }

  async function down(): Promise<void> {
    if (up === undefined) return;
    await bringDown({ directory, makeParts: () => partsWithoutTools(placement()), onLine: () => undefined });
    up = undefined;
  }

  return {
    down,
    with: async (setup) => {
      signal.throwIfAborted();
      if (!isDeepStrictEqual(up, setup)) {
        await down();
        progress('  starting the mesh');
        // from here on there may be something to take down
        up = setup;
        await startDaemon({
          directory,
          replicas: parseReplicas(setup.replicas),
          report: () => undefined,
          entry,
          env: { [setupVariable]: JSON.stringify(setup) },
          signal,
        });
        await untilHealthy(client, signal);
      }
      const where = placement();
      const http = ({ host, port }: Address) => `http://${host}:${port}`;
      const gateway = http(where.gateway.listen);
      return {
        urlOf: (service) => (setup.stack === 'mesh' ? gateway : aloneUrl(where, service)),
        jaeger: http(where.jaeger.query),
        status,
      };
    },
  };
}
