/**
 * What an agent holds: the last state it got, in the files that Envoy and app watch. It ends a fault, and a lease of policies, when
 * its time is over, whether or not the control service is there, and keeps the state on disk, so that its next process goes on with it.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, messageOf } from '@microshop/program-kit/errors';
import { putJson } from '@microshop/program-kit/json-file';
import type { Placement } from '@microshop/topology';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ReplicaState, replicaStateSchema } from '../replicas/schemas.ts';
import { changesIn } from '../replicas/state.ts';
import { type Versions, versionsOf, writeOwnFiles } from './files.ts';
import type { AgentLog } from './log.ts';
import type { AgentSettings } from './settings.ts';

/** The state on disk. */
const keptSchema = Type.Object({
  /** When it came, milliseconds since the epoch, by the clock of this machine. */
  taken_at: Type.Integer(),
  state: replicaStateSchema,
});

/** Pause after an end that could not be written, milliseconds. */
const retryAfterMs = 1000;

/** Longest time a timer can be set to, milliseconds. */
const longestTimerMs = 2 ** 31 - 1;

/** A state, and when it came on the clock that only goes on, milliseconds. */
interface Held {
  readonly state: ReplicaState;
  readonly since: number;
}

/** What of a state holds now. */
interface Left extends Pick<ReplicaState, 'faults' | 'policies'> {
  /** Whether these policies are on lease. */
  readonly leased: boolean;
  /** When something of it ends, on the clock that only goes on, milliseconds. */
  readonly ends: readonly number[];
}

function leftOf({ state: { faults, policies, lease }, since }: Held): Left {
  const now = performance.now();
  const endOf = (inMs: number) => since + inMs;
  const going = faults.filter(({ ends_in_ms: end }) => end === null || endOf(end) > now);
  const ends = going.flatMap(({ ends_in_ms: end }) => (end === null ? [] : [endOf(end)]));
  if (lease === undefined) return { faults: going, policies, leased: false, ends };
  const leaseEnd = endOf(lease.ends_in_ms);
  if (leaseEnd <= now) return { faults: going, policies: lease.before, leased: false, ends };
  return { faults: going, policies, leased: true, ends: [...ends, leaseEnd] };
}

/** The state of one pod, in its files. */
export interface Holder {
  /** Goes on with the state on disk, if there is one. */
  begin(): Promise<void>;
  /** Puts another state in place of the one it has. Throws `PolicyError` and `UnwritableError`, and has the old one then. */
  take(state: ReplicaState): Promise<void>;
  /** The state it has in the files. */
  state(): ReplicaState | undefined;
  /** What Envoy and app report once they have applied what stands in the files now. */
  versions(): Versions | undefined;
  end(): void;
}

/** A holder without a state. */
export function createHolder(settings: AgentSettings, placement: Placement, log: AgentLog): Holder {
  const file = path.join(settings.directory, 'state.json');
  let held: Held | undefined;
  let written: Left | undefined;
  let versions: Versions | undefined;
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    await mine;
  }

  /** Writes the files of that state as it is now; it is the one that is held from then on. */
  async function write(next: Held): Promise<Left> {
    const { replica } = next.state;
    const left = leftOf(next);
    const changes = changesIn(left);
    await writeOwnFiles(settings, placement, replica, changes);
    held = next;
    written = left;
    versions = versionsOf(settings, placement, replica, changes);
    arm(left);
    return left;
  }

  function arm({ ends }: Left): void {
    clearTimeout(timer);
    if (ends.length === 0) return;
    // a timer may fire a little before its time
    const afterMs = Math.ceil(Math.min(...ends) - performance.now()) + 1;
    timer = setTimeout(() => void endDue(), Math.min(Math.max(0, afterMs), longestTimerMs));
  }

  async function endDue(): Promise<void> {
    try {
      await inTurn(async () => {
        const before = written;
        if (held === undefined || before === undefined) return;
        const { faults, leased } = await write(held);
        if (faults.length < before.faults.length) {
          log.info({ left: faults.length }, 'faults have expired');
        }
        if (before.leased && !leased) {
          log.info({}, 'a lease has expired: the earlier policies are in effect again');
        }
      });
    } catch (error) {
      log.error({ err: error }, 'expired faults or leases could not be ended; retrying');
      timer = setTimeout(() => void endDue(), retryAfterMs);
    }
  }

  async function kept(): Promise<Held | undefined> {
    try {
      const { taken_at: takenAt, state } = Value.Parse(keptSchema, JSON.parse(await readFile(file, 'utf8')));
      return { state, since: performance.now() - Math.max(0, Date.now() - takenAt) };
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) {
        log.warn({ file, reason: messageOf(error) }, 'the state on disk is invalid and is ignored');
      }
      return undefined;
    }
  }

  return {
    begin: () =>
      inTurn(async () => {
        const known = await kept();
        if (known !== undefined) await write(known);
      }),
    take: (state) =>
      inTurn(async () => {
        const since = performance.now();
        // a state that cannot be written as files is not kept
        changesIn(state);
        if (state.lease !== undefined) changesIn({ faults: [], policies: state.lease.before });
        await putJson(file, { taken_at: Date.now(), state });
        await write({ state, since });
      }),
    state: () => held?.state,
    versions: () => versions,
    end: () => clearTimeout(timer),
  };
}
