/** The files of one pod: those that the control service writes for it where they share a directory, by the same function. */
import path from 'node:path';
import { splitConfigs, versionOf } from '@microshop/envoy';
import { ownerOnly, putFiles, usualAccess } from '@microshop/program-kit/whole-file';
import { breakersOf, dynamicDirectory, type Identity, type Placement, podsOf } from '@microshop/topology';
import { type ChangesInEffect, filesOf, toMeshChanges } from '../changes/files.ts';
import type { AgentSettings } from './settings.ts';

/** Versions by file: of an Envoy's files those it would report, of an app's the text. */
export type Versions = ReadonlyMap<string, string>;

/** Name of the breakers' file among {@link Versions}. */
export const breakersVersion = 'breakers';

/** A pod in a placement that has one entry for all replicas. */
interface OwnPod {
  readonly placement: Placement;
  /** Name of its Envoy, which is that of the directory of its files. */
  readonly part: string;
  /** Its app; undefined at the gateway. */
  readonly app: string | undefined;
}

function ownPod(placement: Placement, identity: Identity, replica: number): OwnPod {
  if (identity === 'gateway') return { placement, part: 'gateway', app: undefined };
  const [pod] = podsOf(placement, identity);
  if (pod === undefined) throw new Error(`The placement has no pod of ${identity}`);
  const own = { ...pod, replica };
  const pods = placement.pods.map((one) => (one === pod ? own : one));
  return { placement: { ...placement, pods }, part: pod.sidecar, app: pod.app };
}

/** Writes the files of that replica. Throws `UnwritableError`. */
export async function writeOwnFiles(
  { identity, directory, breakers }: AgentSettings,
  placement: Placement,
  replica: number,
  changes: ChangesInEffect,
): Promise<void> {
  const own = ownPod(placement, identity, replica);
  const { envoy, apps } = filesOf(own.placement, changes);
  const below = (files: typeof envoy, part: string | undefined) =>
    new Map([...files].filter(([file]) => path.dirname(file) === part));
  await putFiles(path.join(directory, dynamicDirectory), below(envoy, own.part), usualAccess);
  if (breakers === undefined) return;
  const texts = [...below(apps, own.app)].map(([file, text]) => [path.basename(file), text] as const);
  await putFiles(breakers, new Map(texts), ownerOnly);
}

/** What Envoy and app report when they have applied these files. */
export function versionsOf(
  { identity, breakers }: AgentSettings,
  placement: Placement,
  replica: number,
  changes: ChangesInEffect,
): Versions {
  const own = ownPod(placement, identity, replica);
  const files = splitConfigs(own.placement, toMeshChanges(changes))[own.part]?.files ?? {};
  const ofEnvoy = Object.entries(files).map(([file, content]) => [file, versionOf(content)] as const);
  if (breakers === undefined || identity === 'gateway') return new Map(ofEnvoy);
  return new Map([...ofEnvoy, [breakersVersion, JSON.stringify(breakersOf(changes.policies, identity))]]);
}
