/** The life of a supervisor process: takes the lock, cleans up, starts the parts, serves commands, ends in order. */
import { messageOf } from '@microshop/program-kit/errors';
import {
  logFile,
  makeRunDirectory,
  type RunDirectory,
  runnerEventsFile,
} from '@microshop/program-kit/run-directory';
import type { Report } from './events.ts';
import { lockHolder, takeLock } from './lock.ts';
import type { Part } from './part.ts';
import { meshTimings, type Timings } from './part.ts';
import { failureText } from './part-attempt.ts';
import { boundLog } from './part-log.ts';
import { checkPorts } from './ports.ts';
import { killLeftBehind, runIdHere } from './run-id.ts';
import { createStateFile, endLeftovers, readState } from './state-file.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { listenForCommands } from './supervisor-api.ts';

/** What a supervisor is given. */
export interface SuperviseOptions {
  readonly directory: RunDirectory;
  /**
   * Describes the parts; `signal` aborts when the mesh is told to end, `report` takes progress. What is started with
   * `runId` in its environment (`runVariable`) is ended when this supervisor is killed.
   */
  makeParts(context: { signal: AbortSignal; report: Report; runId: string }): readonly Part[];
  readonly replicas: Readonly<Record<string, number>>;
  readonly urls: Readonly<Record<string, string>>;
  readonly report: Report;
  /** Called when every part is healthy but those that join later, and only then. */
  onUp(): void | Promise<void>;
  readonly timings?: Timings;
  /** Ends it in order, with the reason. */
  readonly signal?: AbortSignal;
}

/** How a supervisor ended. */
export type SuperviseOutcome =
  /** It was up, or on its way, and was told to end. */
  | { readonly outcome: 'ended'; readonly wasUp: boolean }
  /** It could not come up; everything it started is gone. */
  | { readonly outcome: 'failed'; readonly reason: string };

/** Signals that end the mesh in order; the second one kills. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a mesh until it is told to end, by a signal or through its socket. Throws `LockHeldError` when another
 * supervisor has it.
 */
export async function supervise(options: SuperviseOptions): Promise<SuperviseOutcome> {
  const { directory, report } = options;
  makeRunDirectory(directory);
  const releaseLock = takeLock(directory.lock);
  const ending = new AbortController();
  let supervisor: Supervisor | undefined;

  const onSignal = (signal: NodeJS.Signals) => {
    if (ending.signal.aborted) {
      report({ type: 'note', text: `${signal} again: killing every part` });
      supervisor?.killNow();
      return;
    }
    report({ type: 'note', text: `${signal}: stopping in order (a second signal kills)` });
    ending.abort();
  };
  // A defect in a health check is no reason to end a mesh that is in use: it is reported, and the parts keep running.
  const onDefect = (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    report({ type: 'note', text: `unexpected error: ${text}` });
  };
  // whatever ends this process, its children do not outlive it (kill -9 is the next supervisor's business)
  const onExit = () => supervisor?.killNow();
  const onAbort = () => {
    report({ type: 'note', text: `${messageOf(options.signal?.reason)}: stopping in order` });
    ending.abort();
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();
  for (const signal of endSignals) process.on(signal, onSignal);
  process.on('uncaughtException', onDefect);
  process.on('unhandledRejection', onDefect);
  process.on('exit', onExit);

  try {
    const earlier = await endEarlierRun(directory, report);
    const runId = runIdHere(directory.path);
    const state = createStateFile(directory.state, runId);
    try {
      const parts = options.makeParts({ signal: ending.signal, report, runId });
      supervisor = createSupervisor(parts, {
        log: (part) => logFile(directory, part),
        runId,
        timings: options.timings ?? meshTimings,
        report,
        remember: (part, identity) =>
          state.remember({
            ...identity,
            part: part.name,
            stopSignal: part.stopSignal ?? 'SIGTERM',
            stopTimeoutMs: part.stopTimeoutMs,
          }),
        forget: (part) => state.forget(part.name),
      });
      // a process that a killed part leaves outside its group (epmd) would show as a port in use
      await Promise.all(
        parts.filter((part) => earlier.includes(part.name)).map((part) => part.afterStop?.()),
      );
      return await run(supervisor, parts, ending, options);
    } finally {
      ending.abort();
      state.remove();
    }
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    for (const signal of endSignals) process.off(signal, onSignal);
    process.off('uncaughtException', onDefect);
    process.off('unhandledRejection', onDefect);
    process.off('exit', onExit);
    releaseLock();
  }
}

/** Ends what a killed supervisor left running; names of the parts it had started. */
export async function endEarlierRun(directory: RunDirectory, report: Report): Promise<string[]> {
  const earlier = readState(directory.state);
  const ended = earlier === undefined ? [] : await endLeftovers(earlier);
  if (ended.length > 0) {
    report({ type: 'note', text: `Stopped what an earlier run had left: ${ended.join(', ')}` });
  }
  // its record is lost when somebody has deleted the directory
  const killed = await killLeftBehind(directory.path);
  if (killed.length > 0) {
    const pids = killed.join(', ');
    report({ type: 'note', text: `Killed what an earlier run had left without a record: pids ${pids}` });
  }
  return earlier?.groups.map((group) => group.part) ?? [];
}

async function run(
  supervisor: Supervisor,
  parts: readonly Part[],
  ending: AbortController,
  options: SuperviseOptions,
): Promise<SuperviseOutcome> {
  const { directory, report } = options;
  try {
    await checkPorts(parts);
  } catch (error) {
    return { outcome: 'failed', reason: messageOf(error) };
  }
  if (ending.signal.aborted) return { outcome: 'ended', wasUp: false };

  const gone = Promise.withResolvers<void>();
  const closeApi = await listenForCommands({
    supervisor,
    directory,
    replicas: options.replicas,
    urls: options.urls,
    down: () => {
      ending.abort();
      return gone.promise;
    },
  });
  const bounding = setInterval(
    () => {
      // deleted with its directory, as that of a clone is: no command finds this mesh any more
      if (!ending.signal.aborted && lockHolder(directory.lock)?.pid !== process.pid) {
        report({ type: 'note', text: `${directory.lock} no longer belongs to this mesh: stopping in order` });
        ending.abort();
      }
      for (const name of ['runner', ...parts.map((part) => part.name)]) boundLog(logFile(directory, name));
      boundLog(runnerEventsFile(directory));
    },
    (options.timings ?? meshTimings).filesEveryMs,
  );

  const endRequested = new Promise<'ending'>((resolve) => {
    if (ending.signal.aborted) resolve('ending');
    ending.signal.addEventListener('abort', () => resolve('ending'), { once: true });
  });
  const starting = supervisor.startAll().then(() => 'up' as const);
  let wasUp = false;
  let failure: string | undefined;
  try {
    wasUp = (await Promise.race([starting, endRequested])) === 'up';
    if (wasUp) await options.onUp();
  } catch (error) {
    failure = failureText(error);
    report({ type: 'note', text: `${failure}\nstopping what was started` });
  }
  if (failure === undefined) await endRequested;

  starting.catch(() => undefined);
  ending.abort();
  await supervisor.stopAll();
  clearInterval(bounding);
  gone.resolve();
  await closeApi();
  return failure === undefined ? { outcome: 'ended', wasUp } : { outcome: 'failed', reason: failure };
}
