/** Which version the pod has applied whole: its Envoy says it at its admin, its app in the file beside the one it watches. */
import { setTimeout as delay } from 'node:timers/promises';
import { breakersInForce, type EnvoyAdmin, filesAt } from '../changes/in-force.ts';
import { breakersVersion, type Versions } from './files.ts';
import type { Holder } from './holder.ts';
import type { AgentSettings } from './settings.ts';

/** Pause between two checks while something new is on its way, milliseconds; Envoy needs half a second at most. */
const soonMs = 25;

/** How long something new is taken to be on its way, milliseconds. */
const onItsWayMs = 5000;

/** Pause between two checks otherwise, milliseconds. */
const usualMs = 1000;

/** How often in a row Envoy may leave a question unanswered before it is taken to be gone: a busy machine lets one wait. */
const missesAllowed = 2;

/** What is reported of the pod. */
export interface Loaded {
  /** The version that is applied whole; undefined where Envoy or app do not run, or have applied none. */
  readonly version: string | undefined;
  /** Files that Envoy has refused since it was started; the previous ones stay in effect. */
  readonly refused: number;
}

/** Looks at the pod again and again. */
export interface LoadedWatch {
  now(): Loaded;
  /** Looks often for a while: something new was written. */
  soon(): void;
  end(): Promise<void>;
}

/** Begins to look; `changed` is called when it finds something else. */
export function watchLoaded(settings: AgentSettings, holder: Holder, changed: () => void): LoadedWatch {
  const closing = new AbortController();
  const url = new URL(settings.envoy);
  const envoy: EnvoyAdmin = {
    part: settings.identity,
    admin: { host: url.hostname, port: Number(url.port) },
  };
  let found: Loaded = { version: undefined, refused: 0 };
  let missed = 0;
  let often = 0;
  let waking = new AbortController();

  async function look(): Promise<Loaded> {
    const [versions, state] = [holder.versions(), holder.state()];
    if (versions === undefined || state === undefined) return { version: undefined, refused: 0 };
    const reported = await reportedFor(versions);
    if (reported === undefined) {
      missed += 1;
      return missed > missesAllowed ? { version: undefined, refused: 0 } : found;
    }
    missed = 0;
    const { refused } = reported;
    const files = [...versions];
    if (files.every(([file, version]) => reported.versions.get(file) === version)) {
      return { version: state.version, refused };
    }
    // while it moves from one version to the next it serves, whichever they are; a process that has just started has none
    const serves = files.every(([file]) => (reported.versions.get(file) ?? '') !== '');
    return { version: serves ? found.version : undefined, refused };
  }

  async function reportedFor(
    versions: Versions,
  ): Promise<{ versions: Versions; refused: number } | undefined> {
    const ofEnvoy = [...versions.keys()].filter((file) => file !== breakersVersion);
    const at = await filesAt(envoy, ofEnvoy);
    if (at === undefined) return undefined;
    const reported = new Map(at.map(({ file, version }) => [file, version]));
    if (settings.breakers !== undefined) {
      reported.set(breakersVersion, JSON.stringify(await breakersInForce(settings.breakers)) ?? '');
    }
    return { versions: reported, refused: at.reduce((sum, { refused }) => sum + refused, 0) };
  }

  async function keepLooking(): Promise<void> {
    while (!closing.signal.aborted) {
      const before = found;
      found = await look();
      if (found.version !== before.version || found.refused !== before.refused) changed();
      const current = found.version !== undefined && found.version === holder.state()?.version;
      const pauseMs = !current && performance.now() < often ? soonMs : usualMs;
      waking = new AbortController();
      const signal = AbortSignal.any([closing.signal, waking.signal]);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const looking = keepLooking();
  return {
    now: () => found,
    soon() {
      often = performance.now() + onItsWayMs;
      waking.abort();
    },
    async end() {
      closing.abort();
      await looking;
    },
  };
}
