/** One start of one part: prepare, spawn, wait for health, watch until it ends or is told to. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import type { Report } from './events.ts';
import { type Part, type PartState, PartUnobtainableError, type Timings } from './part.ts';
import { lastLines, logSize, openLog } from './part-log.ts';
import { statOf } from './proc.ts';
import { emptyGroup, isEmpty, type ProcessIdentity, runVariable, send, until } from './process-group.ts';

/** Thrown when a part could not be started: it died, or was not healthy in time. */
export class PartFailedError extends Error {
  override readonly name = 'PartFailedError';
  readonly part: string;
  /** Last lines of its log, of this start only. */
  readonly lastLines: readonly string[];
  readonly log: string;
  constructor(part: string, how: string, log: string, lines: readonly string[], cause?: unknown) {
    super(`${part} ${how}`, { cause });
    this.part = part;
    this.log = log;
    this.lastLines = lines;
  }
}

/** A running start, as `status` sees it. */
export interface Attempt {
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What to throw when it is not healthy within the limit of a start. */
  late(): PartFailedError;
  serverPid(): Promise<number | undefined>;
}

/** How a start ended by itself. */
export interface Death {
  readonly how: string;
  /** Time it was healthy, milliseconds. */
  readonly healthyMs: number;
  readonly lastLines: readonly string[];
  /** Whether another attempt would fail the same. */
  readonly final?: boolean;
}

/** What a start needs from around it. */
export interface AttemptContext {
  readonly log: (part: string) => string;
  readonly runId: string;
  readonly timings: Timings;
  readonly report: Report;
  setState(state: PartState): void;
  /** Keeps the process on record before anything else happens to it. */
  remember(part: Part, identity: ProcessIdentity): void;
  forget(part: Part): void;
}

/** Lines of a log shown when its part died. */
const shownLines = 15;

/** Time an interrupted preparation is waited for: creating a database cluster must not be cut in half. */
const prepareGraceMs = 10_000;

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}

/** Ends as soon as `signal` does, with `undefined`. */
function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}

/** The results of a start, for those who wait for it. The same promise twice for a part that has no {@link Part.early}. */
export interface FirstStart {
  /** Settled when those that depend on it can start, or it is dead, or late. */
  readonly live: PromiseWithResolvers<void>;
  /** Settled when it is healthy or dead; a part that is live has no limit but that of its waiters. */
  readonly healthy: PromiseWithResolvers<void>;
}

/** Asks until the answer is yes; `false` when `signal` ended it first. */
async function untilYes(
  ask: (signal: AbortSignal) => Promise<boolean>,
  timings: Timings,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timings.healthLimitMs)]);
    const asked = Promise.resolve()
      .then(() => ask(limit))
      .catch(() => false);
    if ((await Promise.race([asked, aborted(limit)])) === true) return !signal.aborted;
    await delay(timings.healthEveryMs, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

/** Prepares the part and starts its process. `undefined` when it was told to stop meanwhile. */
async function launch(
  part: Part,
  context: AttemptContext,
  signal: AbortSignal,
): Promise<ChildProcess | undefined> {
  context.setState('preparing');
  const prepared = (async () => {
    await part.prepare?.();
    return await part.process();
  })();
  prepared.catch(() => undefined);
  const definition = await Promise.race([
    prepared,
    aborted(signal).then(() => Promise.race([prepared, delay(prepareGraceMs, undefined, { ref: false })])),
  ]);
  if (signal.aborted || definition === undefined) return undefined;

  const log = openLog(context.log(part.name));
  try {
    // `detached` makes it the leader of a session and a group of its own: a Ctrl-C at the terminal is the runner's
    // alone, and a wrapper can be ended with everything it started.
    const child = spawn(definition.file, definition.args, {
      env: { ...definition.env, [runVariable]: context.runId },
      ...(definition.cwd === undefined ? {} : { cwd: definition.cwd }),
      detached: true,
      stdio: ['ignore', log, log],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return child;
  } finally {
    closeSync(log);
  }
}

/** Ends a part that runs: its signal, its time, then SIGKILL for the whole group. */
async function endInOrder(part: Part, pid: number, report: Report): Promise<void> {
  const server = (await part.serverPid?.(pid).catch(() => undefined)) ?? pid;
  send(server, part.stopSignal ?? 'SIGTERM');
  if (await until(() => isEmpty(pid), part.stopTimeoutMs)) return;
  report({
    type: 'warning',
    part: part.name,
    text: `did not end within ${part.stopTimeoutMs / 1000} s of ${part.stopSignal ?? 'SIGTERM'}: killed`,
  });
  await emptyGroup(pid);
}

/**
 * Starts the part once, and settles `first`. Returns when its processes are gone: `stopped` when it was told to, else how
 * it died.
 */
export async function runAttempt(
  part: Part,
  context: AttemptContext,
  signal: AbortSignal,
  first: FirstStart,
  onStart: (attempt: Attempt) => void,
): Promise<'stopped' | Death> {
  const { timings, report } = context;
  const log = context.log(part.name);
  const logBegin = logSize(log);
  const lines = () => lastLines(log, shownLines, logBegin);
  const fail = (error: PartFailedError) => {
    first.live.reject(error);
    first.healthy.reject(error);
  };
  const late = () => {
    const seconds = timings.startLimitMs / 1000;
    return new PartFailedError(part.name, `is not healthy after ${seconds} s`, log, lines());
  };

  let child: ChildProcess | undefined;
  try {
    child = await launch(part, context, signal);
  } catch (error) {
    const how = `could not be started: ${messageOf(error)}`;
    fail(new PartFailedError(part.name, how, log, lines(), error));
    return { how, healthyMs: 0, lastLines: [], final: error instanceof PartUnobtainableError };
  }
  const pid = child?.pid;
  if (child === undefined || pid === undefined) return 'stopped';

  const ended = new AbortController();
  let how = '';
  child.once('exit', (code, by) => {
    if (how === '') how = describeEnd(code, by);
    ended.abort();
  });
  try {
    context.remember(part, { pid, startTicks: statOf(pid)?.startTicks ?? 0 });
  } catch (error) {
    // nothing would end a process that is neither watched nor on record
    await emptyGroup(pid);
    how = `could not be put on record: ${messageOf(error)}`;
    fail(new PartFailedError(part.name, how, log, lines(), error));
    return { how, healthyMs: 0, lastLines: [] };
  }
  const startedAt = Date.now();
  onStart({
    pid,
    startedAt,
    late,
    serverPid: async () =>
      part.serverPid === undefined ? pid : await part.serverPid(pid).catch(() => undefined),
  });
  context.setState('starting');

  const over = AbortSignal.any([signal, ended.signal]);
  const lateTimer = setTimeout(() => fail(late()), timings.startLimitMs);
  let healthyAt: number | undefined;
  try {
    const { early } = part;
    if (early !== undefined && (await untilYes((limit) => early.live(limit), timings, over))) {
      clearTimeout(lateTimer);
      first.live.resolve();
    }
    if (await untilYes((limit) => part.healthy(limit), timings, over)) {
      await part.afterHealthy?.();
      healthyAt = Date.now();
      if (!over.aborted) {
        context.setState('running');
        report({
          type: 'healthy',
          part: part.name,
          kind: part.kind,
          seconds: (healthyAt - startedAt) / 1000,
        });
        first.live.resolve();
        first.healthy.resolve();
      }
    }
  } catch (error) {
    // it became healthy, but a later step failed: the part cannot be used
    how = `failed after its start: ${messageOf(error)}`;
    fail(new PartFailedError(part.name, how, log, lines(), error));
    await endInOrder(part, pid, report);
  } finally {
    clearTimeout(lateTimer);
  }

  await aborted(over);
  if (!ended.signal.aborted) {
    context.setState('stopping');
    const begin = Date.now();
    await endInOrder(part, pid, report);
    report({ type: 'stopped', part: part.name, seconds: (Date.now() - begin) / 1000 });
  }
  // processes that a part leaves in its group would keep its ports
  await emptyGroup(pid);
  const lastWords = lines();
  await part
    .afterStop?.()
    .catch((error: unknown) => report({ type: 'warning', part: part.name, text: messageOf(error) }));
  context.forget(part);
  if (signal.aborted) return 'stopped';
  fail(new PartFailedError(part.name, how, log, lastWords));
  return { how, healthyMs: healthyAt === undefined ? 0 : Date.now() - healthyAt, lastLines: lastWords };
}

/** What happened, the last lines of the part's log, and where the rest is. */
export function failureText(error: unknown): string {
  if (!(error instanceof PartFailedError)) return messageOf(error);
  const lines = error.lastLines.map((line) => `  | ${line}`);
  const head =
    lines.length === 0 ? `${error.message}; it wrote nothing` : `${error.message}; its last lines:`;
  return [head, ...lines, `Whole log: ${error.log}`].join('\n');
}
