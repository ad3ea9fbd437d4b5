/** The replicas that ask: known by their polls, each with its number. */
import type { Identity } from '@microshop/topology';
import { type KnownReplica, type Poll, partOf, type ReplicaState } from './schemas.ts';
import { type MeshState, stateOf } from './state.ts';

/** How long a replica that has got its answer may be silent, milliseconds: it writes files, and asks again within 2 s. */
export const silentMs = 10_000;

/** The same when it broke off its poll, which it does only to ask again at once, or because it ends. */
const brokenOffMs = 1500;

/** All replicas, and what they are to have. */
export interface Registry {
  /** This holds from now on: whoever waits for it is answered. */
  publish(news: Partial<MeshState>): void;
  /**
   * The state of the replica that asks, when it is not the one it has; `undefined` when that did not come in its time, or it
   * broke off, or the service ends.
   */
  next(poll: Poll, brokenOff: AbortSignal): Promise<ReplicaState | undefined>;
  /** By identity, then by number. */
  list(): readonly KnownReplica[];
  /** Answers everybody. */
  close(): void;
}

interface Known {
  readonly poll: Poll;
  readonly replica: number;
  readonly seenAt: number;
  /** Ends what is known of it, while it does not ask. */
  readonly forget: NodeJS.Timeout | undefined;
}

/** A registry without replicas. */
export function createRegistry(): Registry {
  const known = new Map<string, Known>();
  const waiting = new Set<() => void>();
  let mesh: MeshState = { faults: [], policyRecords: [], lease: null, authority: null };
  let closed = false;

  function wake(): void {
    for (const one of [...waiting]) one();
  }

  /** Resolves when something has changed, or after that time. */
  async function somethingNew(limitMs: number, brokenOff: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        waiting.delete(end);
        brokenOff.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, limitMs);
      waiting.add(end);
      brokenOff.addEventListener('abort', end);
    });
  }

  /** Notes who asks, with the number it had, if no other replica has that now, else with the lowest that is free. */
  function meet(poll: Poll): Known {
    const before = known.get(poll.pod);
    clearTimeout(before?.forget);
    known.delete(poll.pod);
    const others = [...known.values()].filter((one) => one.poll.identity === poll.identity);
    const taken = new Set(others.map(({ replica }) => replica));
    const had = before?.poll.identity === poll.identity ? before.replica : poll.replica;
    let replica = had ?? 1;
    if (taken.has(replica)) for (replica = 1; taken.has(replica); ) replica += 1;
    const met = { poll, replica, seenAt: Date.now(), forget: undefined };
    known.set(poll.pod, met);
    return met;
  }

  /** Forgets it in that time, unless it has asked again. */
  function leave(met: Known, afterMs: number): void {
    const { pod } = met.poll;
    if (known.get(pod) !== met) return;
    const forget = setTimeout(() => known.delete(pod), afterMs);
    known.set(pod, { ...met, seenAt: Date.now(), forget });
  }

  return {
    publish({ faults, policyRecords, lease, authority }) {
      mesh = {
        faults: faults ?? mesh.faults,
        policyRecords: policyRecords ?? mesh.policyRecords,
        // null counts as a change: it has ended
        lease: lease === undefined ? mesh.lease : lease,
        authority: authority ?? mesh.authority,
      };
      wake();
    },

    async next(poll, brokenOff) {
      const met = meet(poll);
      const end = performance.now() + poll.wait_ms;
      try {
        for (;;) {
          const state = { ...stateOf(mesh, poll.identity, Date.now()), replica: met.replica };
          if (state.version !== poll.have || state.replica !== poll.replica) return state;
          const leftMs = end - performance.now();
          if (leftMs <= 0 || brokenOff.aborted || closed) return undefined;
          await somethingNew(leftMs, brokenOff);
        }
      } finally {
        leave(met, brokenOff.aborted ? brokenOffMs : silentMs);
      }
    },

    list() {
      const now = Date.now();
      const versions = new Map<Identity, string>();
      const versionOf = (identity: Identity): string => {
        const version = versions.get(identity) ?? stateOf(mesh, identity, now).version;
        versions.set(identity, version);
        return version;
      };
      return [...known.values()]
        .map(
          ({ poll, replica, seenAt, forget }): KnownReplica => ({
            identity: poll.identity,
            part: partOf(poll.identity, replica),
            replica,
            pod: poll.pod,
            address: poll.address,
            version: versionOf(poll.identity),
            loaded: poll.loaded ?? null,
            refused: poll.refused,
            // a waiting agent is alive
            seen_at: forget === undefined ? now : seenAt,
          }),
        )
        .sort((one, other) => one.identity.localeCompare(other.identity) || one.replica - other.replica);
    },

    close() {
      closed = true;
      wake();
      for (const { forget } of known.values()) clearTimeout(forget);
    },
  };
}
