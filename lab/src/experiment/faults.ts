/** Sets the fault of an experiment, sees that it landed, and ends it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from '@microshop/cli/mesh/control-client';
import { statOf } from '@microshop/native/supervision/proc';
import type { SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import type { Fault } from './definition.ts';
import type { Witness } from './facts.ts';

/** A fault of calls ends by itself so long after its time, should this command be gone by then, milliseconds. */
const spareMs = 10_000;

/** Time a killed part may take to be healthy again, milliseconds; RabbitMQ takes longest. */
const restartLimitMs = 60_000;

/** Pause between two polls, milliseconds. */
const pollEveryMs = 100;

/** Time from SIGSTOP to the state that shows it, milliseconds. */
const stopsWithinMs = 50;

/** What faults are set with. */
export interface Hands {
  readonly control: ControlClient;
  readonly client: SupervisorClient;
}

/** A fault that is set. */
export interface SetFault {
  /** Ends it, or waits until it has ended by itself, and says what was seen of it. */
  heal(): Promise<Witness>;
}

/** Sets a fault for `ms` milliseconds; returns when it is in effect. Throws when it cannot be set. */
export async function setFault(fault: Fault, ms: number, { control, client }: Hands): Promise<SetFault> {
  if (fault.kind === 'kill') return await killed(client, fault.part);
  if (fault.kind === 'pause') return await paused(client, fault.part, ms);
  const { kind: _, ...request } = fault;
  const { waiting_for: waiting } = await control.setFault({ ...request, for_ms: ms + spareMs });
  return {
    async heal() {
      const set = await control.faults();
      await control.clearFaults(fault.service);
      return callsWitness(waiting, set.find(({ service }) => service === fault.service)?.hits);
    },
  };
}

/** In place of a fault: nothing is done, so nothing can be seen of it. */
export const noFault: SetFault = {
  heal: async () => ({ landed: false, saw: 'it was not applied, as asked (--without-fault)' }),
};

/** What was seen of a fault of calls: every sidecar applied it, and at least one call met it, by Envoy's counters. */
export function callsWitness(
  waiting: readonly string[],
  hits: Readonly<Record<string, number>> | undefined,
): Witness {
  if (waiting.length > 0) return { landed: false, saw: `it was not in effect at ${waiting.join(', ')}` };
  if (hits === undefined) return { landed: false, saw: 'it was gone before its time' };
  const seen = Object.entries(hits).filter(([, count]) => count > 0);
  if (seen.length === 0) return { landed: false, saw: 'no call met it' };
  return {
    landed: true,
    saw: `Envoy counted ${seen.map(([what, count]) => `${count} ${what.replaceAll('_', ' ')}`).join(', ')}`,
  };
}

/** `T`: the process is stopped by a signal (proc_pid_stat(5)). */
const stopped = 'T';

/** What was seen of a paused process: its state right after. */
export function pauseWitness(part: string, pid: number, state: string | undefined): Witness {
  return { landed: state === stopped, saw: `${part} (pid ${pid}) was in state ${state ?? 'gone'}` };
}

async function paused(client: SupervisorClient, part: string, ms: number): Promise<SetFault> {
  const pid = await client.fault(part, { kind: 'pause', ms });
  const end = performance.now() + ms;
  await delay(stopsWithinMs);
  const witness = pauseWitness(part, pid, statOf(pid)?.state);
  return {
    async heal() {
      // the runner ends the pause, whatever becomes of this command
      while (statOf(pid)?.state === stopped && performance.now() < end + restartLimitMs)
        await delay(pollEveryMs);
      return witness;
    },
  };
}

async function killed(client: SupervisorClient, part: string): Promise<SetFault> {
  const pid = await client.fault(part, { kind: 'kill' });
  return {
    async heal() {
      const end = performance.now() + restartLimitMs;
      for (;;) {
        const found = (await client.status())?.parts.find(({ name }) => name === part);
        if (found?.healthy === true && found.pid !== null && found.pid !== pid) {
          return { landed: true, saw: `${part} (pid ${pid}) was killed, and runs again as pid ${found.pid}` };
        }
        if (performance.now() > end)
          return { landed: false, saw: `${part} (pid ${pid}) did not start again` };
        await delay(pollEveryMs);
      }
    },
  };
}
