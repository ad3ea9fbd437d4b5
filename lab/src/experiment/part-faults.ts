/** Faults of parts: killed, suspended, down, put into a state that hurts, or restarted. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '@microshop/cli/mesh/control-client';
import { CommandFailed } from '@microshop/cli/output/errors';
import type { ImpairmentName, ImpairmentSeen } from '@microshop/native/supervision/part';
import { isRunning, statOf } from '@microshop/native/supervision/proc';
import type { SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import { messageOf } from '@microshop/program-kit/errors';
import type { PartFault } from './definition.ts';
import type { Witness } from './facts.ts';
import type { SetFault } from './set-fault.ts';

/** What faults are set with. */
export interface Hands {
  readonly control: ControlClient;
  readonly client: SupervisorClient;
}

/** Time a part may take to be healthy again, milliseconds; RabbitMQ takes longest. */
const restartLimitMs = 60_000;

/** Pause between two polls, milliseconds. */
const pollEveryMs = 100;

/** Time from SIGSTOP to the state that shows it, milliseconds. */
const stopsWithinMs = 50;

/** Time that something may take to hang in the air before a kill, milliseconds. */
const heldLimitMs = 5000;

/** What ends by itself has so long for it, milliseconds: only what lasts longer is ended before its time. */
const endsWithinMs = 100;

/** Ends what is done to a part before its time, `end` by this process's clock, as when a run is interrupted. */
async function endEarly(client: Runner, part: string, end: number): Promise<void> {
  if (performance.now() < end - endsWithinMs) await client.endFault(part);
}

/** A server is asked about its state when this share of the fault's time is over. */
const askedAt = 0.6;

/** What is asked of the runner. */
type Runner = Pick<SupervisorClient, 'fault' | 'impaired' | 'endFault' | 'status'>;

/** What faults of parts are set with. */
interface PartHands {
  readonly control: Pick<ControlClient, 'audit'>;
  readonly client: Runner;
}

/** Does it to the part for `ms` milliseconds; returns when it is in effect. It is ended before its time when its end is asked for then. */
export async function setPartFault(fault: PartFault, ms: number, hands: PartHands): Promise<SetFault> {
  const { client } = hands;
  if (fault.kind === 'kill') return await killed(fault, ms, hands);
  if (fault.kind === 'pause') return await paused(client, fault.part, ms);
  if (fault.kind === 'down') return await down(client, fault.part, ms);
  return await impaired(client, fault.kind, fault.part, ms);
}

/** `T`: the process is stopped by a signal (proc_pid_stat(5)). */
const stopped = 'T';

/** What was seen of a paused process: its state right after. */
export function pauseWitness(part: string, pid: number, state: string | undefined): Witness {
  return { landed: state === stopped, saw: `${part} (pid ${pid}) was in state ${state ?? 'gone'}` };
}

async function paused(client: Runner, part: string, ms: number): Promise<SetFault> {
  const pid = await client.fault(part, { kind: 'pause', ms });
  const end = performance.now() + ms;
  await delay(stopsWithinMs);
  const witness = pauseWitness(part, pid, statOf(pid)?.state);
  return {
    async heal() {
      await endEarly(client, part, end);
      // the runner ends the pause, even if this command is killed
      while (statOf(pid)?.state === stopped && performance.now() < end + restartLimitMs)
        await delay(pollEveryMs);
      return witness;
    },
  };
}

/** The part's pid when it is healthy under another one; `undefined` when it is not within {@link restartLimitMs}. */
async function anotherPid(client: Runner, part: string, pid: number): Promise<number | undefined> {
  const end = performance.now() + restartLimitMs;
  for (;;) {
    const found = (await client.status())?.parts.find(({ name }) => name === part);
    if (found?.healthy === true && found.pid !== null && found.pid !== pid) return found.pid;
    if (performance.now() > end) return undefined;
    await delay(pollEveryMs);
  }
}

async function down(client: Runner, part: string, ms: number): Promise<SetFault> {
  const pid = await client.fault(part, { kind: 'down', ms });
  const end = performance.now() + ms;
  // a process that has ended may wait for its parent to take note
  const gone = !isRunning(statOf(pid));
  return {
    async heal() {
      await endEarly(client, part, end);
      const again = await anotherPid(client, part, pid);
      if (again === undefined) return { landed: false, saw: `${part} (pid ${pid}) did not start again` };
      return {
        landed: gone,
        saw: `${part} (pid ${pid}) was ${gone ? 'gone' : 'still there'}, and runs again as pid ${again}`,
      };
    },
  };
}

async function killed(
  { part, holding }: PartFault & { readonly kind: 'kill' },
  ms: number,
  { control, client }: PartHands,
): Promise<SetFault> {
  let inTheAir = '';
  if (holding === 'events') {
    await client.fault('rabbitmq', { kind: 'down', ms });
    const waiting = await untilSome(
      'events wait in the outbox',
      async () => (await control.audit(0, undefined)).left_in_outbox ?? 0,
    );
    inTheAir = ` while ${waiting} events waited for the broker`;
  }
  if (holding === 'commits') {
    await client.fault('postgres', { kind: 'hold-commits', ms });
    const waiting = await untilSome(
      'commits wait',
      async () => (await client.impaired('postgres'))?.hits ?? 0,
    );
    inTheAir = ` while ${waiting} commits waited for their acknowledgement`;
  }
  const pid = await client.fault(part, { kind: 'kill' });
  return {
    async heal() {
      const again = await anotherPid(client, part, pid);
      if (again === undefined) return { landed: false, saw: `${part} (pid ${pid}) did not start again` };
      return {
        landed: true,
        saw: `${part} (pid ${pid}) was killed${inTheAir}, and runs again as pid ${again}`,
      };
    },
  };
}

/** Polls until there are some, and says how many. Throws when there are none in time. */
async function untilSome(what: string, count: () => Promise<number>): Promise<number> {
  const end = performance.now() + heldLimitMs;
  for (;;) {
    const found = await count();
    if (found > 0) return found;
    if (performance.now() > end) throw new CommandFailed(`no ${what}`);
    await delay(pollEveryMs);
  }
}

/** What a server said of its state while it was to be in it. */
export function impairmentWitness(part: string, kind: string, seen: ImpairmentSeen | undefined): Witness {
  if (seen === undefined) return { landed: false, saw: `${part} was not ${kind} any more before its time` };
  const { in_effect: inEffect, hits, counted } = seen;
  return {
    landed: inEffect && hits > 0,
    saw: `${part} said that ${kind} was ${inEffect ? '' : 'not '}in effect, and ${hits} ${counted}`,
  };
}

async function impaired(client: Runner, kind: ImpairmentName, part: string, ms: number): Promise<SetFault> {
  await client.fault(part, { kind, ms });
  const end = performance.now() + ms;
  const ended = new AbortController();
  const asking = delay(ms * askedAt, undefined, { signal: ended.signal })
    // of what ends before that, it is asked at its end
    .catch(() => undefined)
    .then(() => client.impaired(part))
    .then(
      (seen) => impairmentWitness(part, kind, seen),
      (error: unknown): Witness => ({
        landed: false,
        saw: `${part} could not be asked: ${messageOf(error)}`,
      }),
    );
  return {
    async heal() {
      ended.abort();
      const witness = await asking;
      await endEarly(client, part, end);
      const limit = performance.now() + restartLimitMs;
      // the runner ends it
      while ((await client.impaired(part)) !== undefined) {
        if (performance.now() > limit) return { landed: false, saw: `${part} is still ${kind}` };
        await delay(pollEveryMs);
      }
      return witness;
    },
  };
}

/** Who restarts parts. */
export type Restarter = Pick<SupervisorClient, 'status' | 'act'>;

/** Restarts the parts in order, one after the other. Returns at once; its phase lasts until the last of them is there again. */
export function restarts(client: Restarter, parts: readonly string[]): SetFault {
  const work = restarted(client, parts);
  // whoever ends the fault gets the error
  const course = work.then(
    () => undefined,
    () => undefined,
  );
  return { course, heal: () => work };
}

async function restarted(client: Restarter, parts: readonly string[]): Promise<Witness> {
  const pids = new Map((await client.status())?.parts.map(({ name, pid }) => [name, pid]));
  const same: string[] = [];
  for (const part of parts) {
    const { pid } = await client.act('restart', part);
    if (pid === null || pid === pids.get(part)) same.push(part);
  }
  return same.length === 0
    ? { landed: true, saw: `all ${parts.length} parts run under another pid` }
    : { landed: false, saw: `not restarted: ${same.join(', ')}` };
}
