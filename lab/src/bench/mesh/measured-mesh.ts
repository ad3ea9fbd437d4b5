/** Brings up a mesh with given settings, and takes it down: a measured mesh is nobody else's. */
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { controlClient } from '@microshop/cli/mesh/control-client';
import { type MeshSettings, meshSettings } from '@microshop/cli/mesh/settings';
import { CommandFailed } from '@microshop/cli/output/errors';
import { progress } from '@microshop/cli/output/output';
import { bringDown } from '@microshop/native/supervision/bring-down';
import { startDaemon } from '@microshop/native/supervision/daemon';
import { partsWithoutTools } from '@microshop/native/supervision/mesh';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { trustGateway } from '@microshop/program-kit/gateway-trust';
import {
  type Address,
  edgeAuthVariable,
  gatewayUrl,
  parseReplicas,
  type ServiceName,
} from '@microshop/topology';
import type { Setup } from '../setup.ts';
import { aloneUrl } from './alone.ts';
import { untilHealthy } from './healthy.ts';
import { nextInstance } from './instances.ts';
import { keepOrders } from './orders-in-tables.ts';
import { bringBack, setAside } from './own-data.ts';
import { setupVariable } from './settings.ts';
import { withTables } from './tables.ts';

/** A mesh that is up. */
export interface MeasuredMesh {
  /** Where each service is asked, `http://host:port`; over TLS where clients are authenticated. */
  urlOf(service: ServiceName): string;
  /** Headers that each request needs: of a token, where clients are authenticated. It expires after some minutes. */
  signIn?(): Promise<Readonly<Record<string, string>>>;
  /** Jaeger's API. */
  readonly jaeger: string;
  /** Its parts as they run now. */
  status(): Promise<MeshStatus>;
}

/** Gives meshes: as many at a time as they have numbers. */
export interface Meshes {
  /**
   * The mesh with those settings. One that is up with them is given again; else the one that was given longest ago is taken down
   * for it, once all numbers are taken. Where the settings say how many orders are in its tables, so many are there now.
   */
  with(setup: Setup): Promise<MeasuredMesh>;
  /** Takes down the meshes that are up. */
  down(): Promise<void>;
}

const entry = fileURLToPath(new URL('./daemon-main.ts', import.meta.url));

/** A number, and the mesh that has it. */
interface Place {
  readonly settings: MeshSettings;
  up?: Setup;
}

/**
 * Meshes with those numbers, side by side: none is restarted between two runs, for a new one is slower for a while, and the
 * machine is another one a minute later. What the idle one uses meanwhile is among the foreign processes, the same for both.
 * Throws `CommandFailed` when a mesh of one of the numbers runs already.
 */
export async function createMeshes(instances: readonly number[], signal: AbortSignal): Promise<Meshes> {
  // the oldest come first
  let places: readonly Place[] = instances.map((instance) => ({ settings: meshSettings(instance) }));
  for (const { settings } of places) {
    if ((await settings.client.place()) !== undefined) throw new CommandFailed(whyNot(settings.instance));
    // left by a run that was killed
    await bringBack(settings.directory.path);
  }

  async function down(place: Place): Promise<void> {
    if (place.up === undefined) return;
    const { directory, placement } = place.settings;
    await bringDown({ directory, makeParts: () => partsWithoutTools(placement()), onLine: () => undefined });
    if (place.up.orders !== undefined) await bringBack(directory.path);
    delete place.up;
  }

  async function start({ settings: { client, directory, instance } }: Place, setup: Setup): Promise<void> {
    progress('  starting the mesh');
    if (setup.orders !== undefined) await setAside(directory.path);
    await startDaemon({
      directory,
      replicas: parseReplicas(setup.replicas),
      report: () => undefined,
      entry,
      env: { [setupVariable]: JSON.stringify(setup), MESH_INSTANCE: String(instance), ...edgeAuthOf(setup) },
      signal,
    });
    await untilHealthy(client, signal);
  }

  return {
    down: async () => {
      for (const place of places) await down(place);
    },
    with: async (setup) => {
      signal.throwIfAborted();
      const place = places.find(({ up }) => isDeepStrictEqual(up, setup)) ?? places[0];
      if (place === undefined) throw new Error('A mesh needs a number');
      places = [...places.filter((other) => other !== place), place];
      if (!isDeepStrictEqual(place.up, setup)) {
        await down(place);
        // from here on there may be a mesh to take down
        place.up = setup;
        await start(place, setup);
      }
      const { orders } = setup;
      if (orders !== undefined) {
        const { directory, placement } = place.settings;
        progress(`  ${orders} orders in the tables`);
        await withTables({ placement: placement(), directory: directory.path }, async (sql) => {
          await keepOrders(sql, orders);
          // writes reach the disk before the run
          await sql('orders', 'checkpoint');
        });
      }
      await trustGateway(place.settings.directory.certificates);
      return measuredMesh(place.settings, setup);
    },
  };
}

function whyNot(instance: number): string {
  return `Mesh ${instance} runs; a measured mesh is started for it alone: MESH_INSTANCE=${instance} ./mesh down, or MESH_INSTANCE=${nextInstance(instance)} ./mesh bench`;
}

function edgeAuthOf({ edgeAuth = false }: Setup): Record<string, string> {
  return { [edgeAuthVariable]: edgeAuth ? '1' : '0' };
}

function measuredMesh({ client, placement, instance }: MeshSettings, setup: Setup): MeasuredMesh {
  const where = placement();
  const http = ({ host, port }: Address) => `http://${host}:${port}`;
  const gateway = gatewayUrl({ ...where, edgeAuth: setup.edgeAuth === true });
  return {
    urlOf: (service) => (setup.stack === 'mesh' ? gateway : aloneUrl(where, service)),
    ...(setup.edgeAuth === true
      ? {
          signIn: async () => {
            const control = controlClient(http(where.control), { MESH_INSTANCE: String(instance) });
            return { authorization: `Bearer ${await control.operatorToken()}` };
          },
        }
      : {}),
    jaeger: http(where.jaeger.query),
    status: async () => {
      const found = await client.status();
      if (found === undefined) throw new CommandFailed('The measured mesh has ended: ./mesh logs runner');
      return found;
    },
  };
}
