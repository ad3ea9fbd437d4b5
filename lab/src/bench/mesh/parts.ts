/** The parts of a measured mesh: those of the usual one, changed as its settings say. */
import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Part } from '@microshop/native/supervision/part';
import type { MeshPaths } from '@microshop/program-kit/run-directory';
import { certificatesDirectory, type Placement } from '@microshop/topology';
import type { Setup } from '../setup.ts';
import { type EnvoyEdit, writeEdited } from './edited-files.ts';
import { plain } from './plain.ts';
import { untraced } from './untraced.ts';

/** The argument after which an Envoy's number of threads stands. */
const workersFlag = '--concurrency';

/** The parts with the changes of the setup. */
export function changedParts(
  parts: readonly Part[],
  setup: Setup,
  placement: Placement,
  directory: MeshPaths,
): readonly Part[] {
  const edits = editsOf(setup);
  const editedDirectory = path.join(directory.config, 'edited');
  let written: Promise<void> | undefined;
  const prepareEdited = async () => {
    written ??= writeEdited(placement, editedDirectory, edits).then(() =>
      linkTo(directory.certificates, path.join(editedDirectory, certificatesDirectory)),
    );
    await written;
  };
  return parts.map((part): Part => {
    if (part.kind === 'app') {
      return {
        ...part,
        process: async () => {
          const process = await part.process();
          return { ...process, env: { ...process.env, ...setup.services } };
        },
      };
    }
    if (part.kind !== 'sidecar' && part.kind !== 'gateway') return part;
    return {
      ...part,
      prepare: async () => {
        await part.prepare?.();
        if (edits.length > 0) await prepareEdited();
      },
      process: async () => {
        const process = await part.process();
        return {
          ...process,
          args: withWorkers(process.args, setup.envoyWorkers),
          // the paths that it watches are relative to its directory
          ...(edits.length === 0 ? {} : { cwd: editedDirectory }),
        };
      },
    };
  });
}

/** What is taken out of the Envoys' configuration. */
function editsOf({ envoyTracing, mutualTls }: Setup): readonly EnvoyEdit[] {
  return [...(envoyTracing ? [] : [untraced]), ...(mutualTls ? [] : [plain])];
}

/** Arguments of an Envoy with that number of threads. Throws when they name none: then nothing would change. */
export function withWorkers(args: readonly string[], workers: number | undefined): readonly string[] {
  if (workers === undefined) return args;
  const at = args.indexOf(workersFlag);
  if (at === -1) throw new Error(`An Envoy is started without ${workersFlag}`);
  return args.with(at + 1, String(workers));
}

async function linkTo(target: string, link: string): Promise<void> {
  await rm(link, { force: true });
  await symlink(target, link);
}
