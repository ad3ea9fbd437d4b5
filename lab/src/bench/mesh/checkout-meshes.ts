/**
 * The meshes of whole checkouts, side by side: each is started by its own `./mesh`, for the code of another commit differs in
 * anything. None is restarted between two runs: a new one is slower for a while, and the machine is another one a minute later.
 * What the other mesh uses meanwhile, idle, is among the foreign processes, the same for both.
 */
import { CommandFailed } from '@microshop/cli/output/errors';
import { progress } from '@microshop/cli/output/output';
import { type MeshStatus, meshStatusSchema } from '@microshop/native/supervision/supervisor-schemas';
import { execa } from 'execa';
import { Value } from 'typebox/value';
import { untilHealthy } from './healthy.ts';
import type { MeasuredMesh } from './measured-mesh.ts';

/** Gives them. */
export interface CheckoutMeshes {
  /** The mesh of the code in that folder; it is started when it is asked for first. Throws for a folder that has no number. */
  of(folder: string): Promise<MeasuredMesh>;
  /** Takes down the meshes that are up. */
  down(): Promise<void>;
}

/** Pause between two polls for its health, milliseconds: each is a process. */
const pauseMs = 500;

/** Calls the command of that folder for the mesh of that number; the exit code says what came of it. */
export async function callMesh(
  folder: string,
  instance: number,
  args: readonly string[],
  signal?: AbortSignal,
) {
  return await execa('./mesh', args, {
    cwd: folder,
    // each folder has its own compile cache, as usual
    env: { NODE_COMPILE_CACHE: undefined, MESH_INSTANCE: String(instance) },
    reject: false,
    // Ctrl-C in a terminal reaches each process of a group: a command that ends a mesh would be ended by it
    detached: true,
    ...(signal === undefined ? {} : { cancelSignal: signal, forceKillAfterDelay: false }),
  });
}

/** Ends the mesh of that code, if there is one; installs first what its command needs. Throws `CommandFailed`. */
export async function endMesh(folder: string, instance: number): Promise<void> {
  const { exitCode, stderr } = await callMesh(folder, instance, ['down']);
  if (exitCode !== 0) throw new CommandFailed(`${folder}/mesh down ended with ${exitCode}: ${stderr}`);
}

/** Meshes with the numbers of `instancesOf`, that are ended by `down`, not by the signal: that interrupts a start. */
export function createCheckoutMeshes(
  instances: ReadonlyMap<string, number>,
  signal: AbortSignal,
): CheckoutMeshes {
  const up = new Set<string>();

  function instanceOf(folder: string): number {
    const instance = instances.get(folder);
    if (instance === undefined) throw new Error(`No mesh has a number for ${folder}`);
    return instance;
  }

  async function statusOf(folder: string): Promise<MeshStatus> {
    const { stdout, stderr } = await callMesh(folder, instanceOf(folder), ['status', '--json']);
    try {
      return Value.Parse(meshStatusSchema, JSON.parse(stdout));
    } catch (error) {
      signal.throwIfAborted();
      throw new CommandFailed(`${folder}/mesh status does not say what runs: ${stderr}`, {
        cause: error,
      });
    }
  }

  async function down(): Promise<void> {
    for (const folder of up) {
      await endMesh(folder, instanceOf(folder));
      up.delete(folder);
    }
  }

  return {
    down,
    of: async (folder) => {
      signal.throwIfAborted();
      if (!up.has(folder)) {
        progress(`  starting the mesh of ${folder}`);
        // from here on there may be a mesh to take down
        up.add(folder);
        const { exitCode, stderr } = await callMesh(folder, instanceOf(folder), ['up', '--detach'], signal);
        signal.throwIfAborted();
        if (exitCode !== 0) throw new CommandFailed(`${folder}/mesh up ended with ${exitCode}: ${stderr}`);
      }
      const status = () => statusOf(folder);
      const { urls } = await untilHealthy({ status }, signal, { place: ` in ${folder}`, pauseMs });
      const url = (name: string): string => {
        const found = urls[name];
        if (found === undefined) throw new CommandFailed(`${folder}/mesh status names no ${name}`);
        return found;
      };
      return { urlOf: () => url('gateway'), jaeger: url('jaeger'), status };
    },
  };
}
