/** A supervisor in the background: how it is started, and how it reports its progress. */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ExplainedError } from '@microshop/program-kit/errors';
import { logFile, makeRunDirectory, type RunDirectory } from '@microshop/program-kit/run-directory';
import { runnerEventSchema } from '@microshop/program-kit/runner-events';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Report, runnerLog, sparing } from './events.ts';
import { LockHeldError } from './lock.ts';
import { lastLines, openLog } from './part-log.ts';
import { runVariable } from './process-group.ts';
import { type SuperviseOptions, supervise } from './supervise.ts';

/** What a daemon reports over the channel to the process that started it. */
const daemonMessageSchema = Type.Union([
  Type.Object({ type: Type.Literal('event'), event: runnerEventSchema }),
  Type.Object({ type: Type.Literal('up') }),
  Type.Object({ type: Type.Literal('failed'), reason: Type.String() }),
]);

type DaemonMessage = Static<typeof daemonMessageSchema>;

/** Sends to the starter while it listens; it may have gone. */
function tell(message: DaemonMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

/** The main of a daemon process: supervises, and exits when the mesh has ended. */
export async function runDaemon(
  options: Omit<SuperviseOptions, 'report' | 'onUp' | 'signal'>,
): Promise<void> {
  makeRunDirectory(options.directory);
  const log = runnerLog(options.directory);
  const tellEvent = sparing((event) => void tell({ type: 'event', event }));
  const report: Report = (event) => {
    log(event);
    tellEvent(event);
  };
  // a start that nobody waits for any more was interrupted, as by kill -9 of the command
  const left = new AbortController();
  let isUp = false;
  const onDisconnect = () => {
    if (!isUp) left.abort(new Error('what started it is gone before it was up'));
  };
  process.once('disconnect', onDisconnect);
  if (process.send !== undefined && !process.connected) onDisconnect();
  try {
    const ended = await supervise({
      ...options,
      report,
      signal: left.signal,
      onUp: () => {
        isUp = true;
        return tell({ type: 'up' });
      },
    });
    if (ended.outcome === 'failed') {
      log({ type: 'note', text: ended.reason });
      await tell({ type: 'failed', reason: ended.reason });
    }
    process.exit(ended.outcome === 'failed' ? 1 : 0);
  } catch (error) {
    const reason =
      error instanceof LockHeldError
        ? `Mesh ${options.directory.instance} is already being run by pid ${error.holder.pid}`
        : error instanceof Error
          ? error.message
          : String(error);
    log({ type: 'note', text: error instanceof Error ? (error.stack ?? reason) : reason });
    await tell({ type: 'failed', reason });
    process.exit(1);
  }
}

/** What {@link startDaemon} is given. */
export interface StartDaemonOptions {
  readonly directory: RunDirectory;
  readonly replicas: Readonly<Record<string, number>>;
  /** Takes the reports of the daemon until it is up; `eventLines` makes lines of it. */
  readonly report: Report;
  /** The daemon's main module; that of the real mesh when absent. Called with instance and replicas as JSON. */
  readonly entry?: string;
  /** Further variables for the daemon. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the daemon in order when it is not up yet. */
  readonly signal?: AbortSignal;
}

const meshEntry = fileURLToPath(new URL('./daemon-main.ts', import.meta.url));

/** Thrown when a mesh could not come up; the message is its supervisor's. Everything is gone then. */
export class StartFailedError extends ExplainedError {
  override readonly name: string = 'StartFailedError';
}

/** Thrown when a supervisor ended before its mesh was up, and gave no reason; the message has its last lines. */
export class SupervisorEndedError extends ExplainedError {
  override readonly name: string = 'SupervisorEndedError';

  constructor(how: string, log: string) {
    const lines = lastLines(log, 15).map((line) => `  | ${line}`);
    super(
      [`The supervisor ended (${how}) before the mesh was up; last lines of ${log}:`, ...lines].join('\n'),
    );
  }
}

/** Thrown when the start of a mesh was interrupted; everything is stopped then. */
export class StartInterruptedError extends ExplainedError {
  override readonly name: string = 'StartInterruptedError';

  constructor() {
    super('Interrupted; everything is stopped');
  }
}

/**
 * Starts a supervisor in a session of its own and returns when its mesh is healthy; the supervisor stays.
 * Throws {@link StartFailedError}, {@link SupervisorEndedError} and {@link StartInterruptedError}.
 */
export async function startDaemon(options: StartDaemonOptions): Promise<void> {
  const { directory } = options;
  if (options.signal?.aborted === true) throw new StartInterruptedError();
  // a command that runs in another mesh, as one of its page does, starts one that is no part of that
  const { [runVariable]: _run, ...own } = process.env;
  makeRunDirectory(directory);
  const log = openLog(logFile(directory, 'runner'));
  const child = spawn(
    process.execPath,
    [
      options.entry ?? meshEntry,
      JSON.stringify({ instance: directory.instance, replicas: options.replicas }),
    ],
    {
      cwd: directory.root,
      env: { ...own, ...options.env },
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
  closeSync(log);
  const interrupt = () => child.kill('SIGTERM');
  options.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      let reason: string | undefined;
      child.on('message', (message) => {
        if (!Value.Check(daemonMessageSchema, message)) return;
        if (message.type === 'event') options.report(message.event);
        if (message.type === 'up') resolve();
        if (message.type === 'failed') reason = message.reason;
      });
      child.once('error', reject);
      // after its exit: only then is everything it started certain to be gone
      child.once('close', (code, by) => {
        if (options.signal?.aborted === true) reject(new StartInterruptedError());
        else if (reason !== undefined) reject(new StartFailedError(reason));
        else reject(new SupervisorEndedError(by ?? `code ${code}`, logFile(directory, 'runner')));
      });
    });
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
    if (child.connected) child.disconnect();
    child.unref();
  }
}
