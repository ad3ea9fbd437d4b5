/**
 * What the running Envoys and apps say of what was written for them: Envoys at their admin (runtime keys, counters,
 * versions of files), apps in a file beside the one they watch.
 */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  faultKeyPrefix,
  fileNames,
  type MeshChanges,
  replacedPrefix,
  type SplitConfig,
  slowedPrefix,
  splitConfigs,
  versionOf,
} from '@microshop/envoy';
import {
  type Address,
  breakerFiles,
  breakersOf,
  callersOf,
  type MeshPolicies,
  type Placement,
  podsOf,
  type ServiceName,
} from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { request } from 'undici';
import { podsWithBreakers } from './files.ts';
import type { Hits } from './schemas.ts';

/** An Envoy and where its admin is. */
export interface EnvoyAdmin {
  readonly part: string;
  readonly admin: Address;
}

/** The Envoy of a pod. */
export interface Sidecar extends EnvoyAdmin {
  /** Which of its service's, from 1 on. */
  readonly replica: number;
}

/** Every Envoy of a placement. */
export function envoysOf({ gateway, pods }: Placement): readonly EnvoyAdmin[] {
  return [
    { part: 'gateway', admin: gateway.admin },
    ...pods.map(({ sidecar, admin }) => ({ part: sidecar, admin })),
  ];
}

/** The sidecars of a service's pods. */
export function sidecarsOf(placement: Placement, service: ServiceName): readonly Sidecar[] {
  return podsOf(placement, service).map(({ sidecar, admin, replica }) => ({ part: sidecar, admin, replica }));
}

/** Time one question may take, milliseconds. */
const lookLimitMs = 1000;

async function get({ admin }: EnvoyAdmin, path: string): Promise<unknown> {
  const { statusCode, body } = await request(`http://${admin.host}:${admin.port}${path}`, {
    signal: AbortSignal.timeout(lookLimitMs),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`GET ${path} answered ${statusCode}`);
  return JSON.parse(text);
}

const runtimeSchema = Type.Object({
  entries: Type.Record(Type.String(), Type.Object({ final_value: Type.String() })),
});

/** The runtime keys of faults an Envoy reports, with their values; `undefined` when it does not answer. */
export async function faultKeysOf(envoy: EnvoyAdmin): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const { entries } = Value.Parse(runtimeSchema, await get(envoy, '/runtime'));
    return Object.fromEntries(
      Object.entries(entries)
        .filter(([key]) => key.startsWith(faultKeyPrefix))
        .map(([key, entry]) => [key, entry.final_value]),
    );
  } catch {
    // not running, or stopping: the caller need not know which
    return undefined;
  }
}

const statsSchema = Type.Object({
  stats: Type.Array(
    Type.Object({ name: Type.Optional(Type.String()), value: Type.Optional(Type.Unknown()) }),
  ),
});

async function statsOf(envoy: EnvoyAdmin, filter: string): Promise<ReadonlyMap<string, unknown>> {
  const path = `/stats?format=json&filter=${encodeURIComponent(filter)}`;
  const { stats } = Value.Parse(statsSchema, await get(envoy, path));
  return new Map(stats.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value]])));
}

/** Envoy's counters of what faults have hit, by caller; empty when it does not answer: a restarted one counts from zero. */
export async function faultCountersOf(
  envoy: EnvoyAdmin,
  service: ServiceName,
): Promise<Readonly<Record<string, Hits>>> {
  const completed = (prefix: string) => `vhost.${service}.route.${prefix}.upstream_rq_completed`;
  const routes = callersOf(service).flatMap((caller) => [replacedPrefix(caller), slowedPrefix(caller)]);
  try {
    const stats = await statsOf(
      envoy,
      `^http\\.inbound\\.fault\\.|^vhost\\.${service}\\.route\\.(?:${routes.join('|')})`,
    );
    const count = (name: string) => Number(stats.get(name) ?? 0);
    return Object.fromEntries(
      callersOf(service).map((caller) => [
        caller,
        {
          aborts: count(`http.inbound.fault.${caller}.aborts_injected`),
          delays: count(`http.inbound.fault.${caller}.delays_injected`),
          answers_replaced: count(completed(replacedPrefix(caller))),
          answers_slowed: count(completed(slowedPrefix(caller))),
        },
      ]),
    );
  } catch {
    return {};
  }
}

/** Prefix of an Envoy's statistics about a file: which version it has applied, and how many it has refused. */
function statPrefixOf(file: string): string {
  if (file === fileNames.clusters) return 'cluster_manager.cds';
  if (file === fileNames.listeners) return 'listener_manager.lds';
  if (file === fileNames.faults) return 'runtime';
  const listener = /^routes-(.+)\.yaml$/.exec(file)?.[1] ?? '';
  return `http.${listener}.rds.${listener}`;
}

/** An Envoy's answer about one file, or an app's. */
export interface FileState {
  readonly part: string;
  readonly file: string;
  /** It serves the version that was written. */
  readonly current: boolean;
  /** Versions it has refused since it was started; the previous one stays in effect. */
  readonly refused: number;
}

/** How every Envoy stands to the files of these changes. One that does not answer is not current. */
export async function fileStates(placement: Placement, changes: MeshChanges): Promise<readonly FileState[]> {
  const configs = splitConfigs(placement, changes);
  const states = envoysOf(placement).map((envoy) => statesAt(envoy, configs[envoy.part]));
  return (await Promise.all(states)).flat();
}

/** How an Envoy stands to the files of its configuration. */
async function statesAt(envoy: EnvoyAdmin, config: SplitConfig | undefined): Promise<readonly FileState[]> {
  const files = Object.entries(config?.files ?? {});
  const at = await filesAt(
    envoy,
    files.map(([file]) => file),
  );
  return files.map(([file, content]): FileState => {
    const reported = at?.find((one) => one.file === file);
    return {
      part: envoy.part,
      file,
      current: reported?.version === versionOf(content),
      refused: reported?.refused ?? 0,
    };
  });
}

/** Which version of each of those files an Envoy serves, and how often it refused one; `undefined` when it does not answer. */
export async function filesAt(
  envoy: EnvoyAdmin,
  files: readonly string[],
): Promise<readonly { file: string; version: string; refused: number }[] | undefined> {
  const stats = await statsOf(envoy, '(version_text|update_rejected)$').catch(() => undefined);
  return (
    stats &&
    files.map((file) => ({
      file,
      version: String(stats.get(`${statPrefixOf(file)}.version_text`) ?? ''),
      refused: Number(stats.get(`${statPrefixOf(file)}.update_rejected`) ?? 0),
    }))
  );
}

/** How every app with breakers stands to its file under these policies. One that has never run, or has ended, is not current. */
export async function breakerStates(
  placement: Placement,
  directory: string,
  policies: MeshPolicies,
): Promise<readonly FileState[]> {
  const states = podsWithBreakers(placement).map(async ({ app, service }): Promise<FileState> => {
    return {
      part: app,
      file: breakerFiles.wanted,
      current: isDeepStrictEqual(
        await breakersInForce(path.join(directory, app)),
        breakersOf(policies, service),
      ),
      // a refusal shows only in its log: it is then not current
      refused: 0,
    };
  });
  return await Promise.all(states);
}

/** What an app has put into its directory as its breakers' policies in effect; `undefined` where there is nothing. */
export async function breakersInForce(directory: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path.join(directory, breakerFiles.inForce), 'utf8'));
  } catch {
    // not there, or not ours: the caller need not know which
    return undefined;
  }
}
