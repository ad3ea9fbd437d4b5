/** One part under supervision: started, watched, started again when it dies by itself, stopped in order. */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@microshop/program-kit/errors';
import type { Report } from './events.ts';
import type {
  Impairment,
  ImpairmentName,
  ImpairmentSeen,
  Part,
  PartMaking,
  PartState,
  Timings,
} from './part.ts';
import { type Attempt, type AttemptContext, type FirstStart, runAttempt } from './part-attempt.ts';
import { residentBytesOf } from './proc.ts';
import { pauseTree, send } from './process-group.ts';

/** A part as `./mesh status` shows it. */
export interface PartStatus {
  readonly name: string;
  readonly kind: Part['kind'];
  readonly state: PartState;
  /** Pid of the server itself. */
  readonly pid: number | null;
  readonly healthy: boolean;
  /** Times it was started again after it died by itself. */
  readonly restarts: number;
  readonly rss_bytes: number | null;
  readonly uptime_s: number | null;
  /** How it ended by itself the last time. */
  readonly last_exit: string | null;
  /** How far its program is, while that is being made for it. */
  readonly making: PartMaking | null;
}

/** One part under supervision. */
export interface PartRunner {
  readonly part: Part;
  /**
   * Starts it unless it runs; ready when it is healthy.
   * Throws `PartFailedError` when it dies or is not healthy in time; it is retried all the same.
   */
  start(): Promise<void>;
  /** As {@link start}; ready when those that depend on it can start. */
  startEarly(): Promise<void>;
  /** Ends it, with everything in its process group; ready when it is gone. It stays stopped until started. */
  stop(): Promise<void>;
  /** As {@link stop}, and from now on it cannot be started any more. */
  close(): Promise<void>;
  status(): Promise<PartStatus>;
  /** Kills the server as a crash would; it is started again. Returns its pid. Throws {@link NoProcessError}. */
  crash(): Promise<number>;
  /**
   * Stops its processes where they are and lets them go on after that time (milliseconds), or when the part is stopped.
   * Returns the server's pid. Throws {@link NoProcessError}.
   */
  pause(ms: number): Promise<number>;
  /**
   * Kills it and leaves it down for that time (milliseconds); then it is started again, unless it was stopped meanwhile.
   * Ready when it is gone. Returns the pid that the server had. Throws {@link NoProcessError}.
   */
  down(ms: number): Promise<number>;
  /**
   * Puts the server into a state that hurts, for that time (milliseconds), or until the part ends. Returns the server's pid.
   * Throws {@link NoProcessError}, {@link NoImpairmentError}, and what the server says.
   */
  impair(name: ImpairmentName, ms: number): Promise<number>;
  /** What the server says of the state that {@link impair} has put it into; `undefined` when there is none. */
  impaired(): Promise<ImpairmentSeen | undefined>;
  /** Begins to end before its time what is done to it for a time: it goes on, is started again, or its server's state ends. */
  endFault(): void;
  /** Kills its process group at once, without waiting. For the very end. */
  killNow(): void;
}

/** Thrown when a part has no process that something could be done to. */
export class NoProcessError extends Error {
  override readonly name = 'NoProcessError';
  constructor(part: string, state: PartState) {
    super(`${part} does not run (it is ${state})`);
  }
}

/** Thrown when a part does not support the state that it should be put into. */
export class NoImpairmentError extends Error {
  override readonly name = 'NoImpairmentError';
  constructor(part: string, wanted: ImpairmentName, known: readonly string[]) {
    const others = known.length === 0 ? '' : `; it supports ${known.join(', ')}`;
    super(`${part} does not support ${wanted}${others}`);
  }
}

/** What a part runner is given. */
export type PartRunnerContext = Omit<AttemptContext, 'setState'> & { readonly report: Report };

/** Time a health check shown by `status` may take, and for which it is shown again, milliseconds. */
const statusProbeMs = { limit: 2000, keep: 500 };

interface Life {
  readonly abort: AbortController;
  done: Promise<void>;
  attempt: FirstStart;
  /** Ends the back-off now. */
  wake: () => void;
}

/** The back-off after a death: doubled up to the longest, and reset when the part had been healthy long enough. */
export function nextBackOff(previousMs: number | undefined, healthyMs: number, timings: Timings): number {
  if (previousMs === undefined || healthyMs >= timings.backOffResetMs) return timings.backOffFirstMs;
  return Math.min(previousMs * 2, timings.backOffLongestMs);
}

/** A promise with its handlers; its rejection may go unhandled. */
function quietResolvers(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.promise.catch(() => undefined);
  return resolvers;
}

function newFirst(): FirstStart {
  return { live: quietResolvers(), healthy: quietResolvers() };
}

function startHint(part: string): string {
  return `./mesh start ${part} makes another attempt`;
}

/** Puts a part under supervision; nothing starts yet. */
export function createPartRunner(part: Part, context: PartRunnerContext): PartRunner {
  const { report, timings } = context;
  let state: PartState = 'waiting';
  let restarts = 0;
  let lastExit: string | null = null;
  let life: Life | undefined;
  let attempt: Attempt | undefined;
  let closed = false;
  let probed: { at: number; healthy: Promise<boolean> } | undefined;

  const setState = (next: PartState) => {
    state = next;
    probed = undefined;
  };

  /** Starts it again and again until it is stopped. */
  const live = async (own: Life): Promise<void> => {
    const { signal } = own.abort;
    let backOffMs: number | undefined;
    while (!signal.aborted) {
      const outcome = await runAttempt(part, { ...context, setState }, signal, own.attempt, (begun) => {
        attempt = begun;
      });
      attempt = undefined;
      if (outcome === 'stopped' || signal.aborted) break;
      backOffMs = nextBackOff(backOffMs, outcome.healthyMs, timings);
      lastExit = outcome.how;
      if (outcome.final === true) {
        report({ type: 'warning', part: part.name, text: `${outcome.how}; ${startHint(part.name)}` });
        break;
      }
      restarts += 1;
      setState('backoff');
      report({
        type: 'died',
        part: part.name,
        how: outcome.how,
        lastLines: [...outcome.lastLines],
        againInMs: backOffMs,
      });
      own.attempt = newFirst();
      const waking = new AbortController();
      own.wake = () => waking.abort();
      await delay(backOffMs, undefined, { signal: AbortSignal.any([signal, waking.signal]) }).catch(
        () => undefined,
      );
    }
  };

  const begin = (): Life => {
    const own: Life = {
      abort: new AbortController(),
      attempt: newFirst(),
      wake: () => undefined,
      done: Promise.resolve(),
    };
    own.done = live(own)
      .catch((error: unknown) => report({ type: 'warning', part: part.name, text: messageOf(error) }))
      .finally(() => {
        const stopped = new Error(`${part.name} was stopped`);
        own.attempt.live.reject(stopped);
        own.attempt.healthy.reject(stopped);
        setState('stopped');
        life = undefined;
      });
    return own;
  };

  const probe = (): Promise<boolean> => {
    if (state !== 'running') return Promise.resolve(false);
    if (probed === undefined || Date.now() - probed.at > statusProbeMs.keep) {
      const signal = AbortSignal.timeout(statusProbeMs.limit);
      const late = new Promise<boolean>((resolve) => {
        signal.addEventListener('abort', () => resolve(false), { once: true });
      });
      const asked = Promise.resolve()
        .then(() => part.healthy(signal))
        .catch(() => false);
      probed = { at: Date.now(), healthy: Promise.race([asked, late]) };
    }
    return probed.healthy;
  };

  /** Ends what was done to it for a time; of a server that was just killed there is nothing to end but the time. */
  let goOn: (killed?: boolean) => void = () => {};
  /** Starts it while it is down for a time. */
  let rise: (() => void) | undefined;
  let impairment: Impairment | undefined;
  const serverPid = async (): Promise<{ pid: number; tree: number }> => {
    const pid = await attempt?.serverPid();
    if (attempt === undefined || pid === undefined) throw new NoProcessError(part.name, state);
    return { pid, tree: attempt.pid };
  };

  const stop = async () => {
    // a stopped process reacts to SIGKILL only
    goOn();
    const current = life;
    if (current === undefined) {
      setState('stopped');
      return;
    }
    current.abort.abort();
    await current.done;
  };

  const started = async (): Promise<FirstStart> => {
    while (life?.abort.signal.aborted === true) await life.done;
    if (closed) throw new Error(`${part.name} is not started: the mesh is stopping`);
    life ??= begin();
    life.wake();
    return life.attempt;
  };

  /** Health after it is live: the limit begins when it is waited for, since it may need what is still being made. */
  const healthyInTime = async ({ healthy }: FirstStart): Promise<void> => {
    const waited = new AbortController();
    const late = delay(timings.startLimitMs, undefined, { signal: waited.signal }).then(
      () => {
        throw attempt?.late() ?? new Error(`${part.name} is not healthy`);
      },
      () => undefined,
    );
    await Promise.race([healthy.promise, late]).finally(() => waited.abort());
  };

  return {
    part,
    stop,

    async close() {
      closed = true;
      await stop();
    },

    async start() {
      const first = await started();
      await first.live.promise;
      if (part.early === undefined) await first.healthy.promise;
      else await healthyInTime(first);
    },

    async startEarly() {
      await (await started()).live.promise;
    },

    async status() {
      const healthy = await probe();
      const running = attempt;
      const pid = running === undefined ? undefined : await running.serverPid();
      return {
        name: part.name,
        kind: part.kind,
        state,
        pid: pid ?? null,
        healthy: healthy && state === 'running',
        restarts,
        rss_bytes: pid === undefined ? null : (residentBytesOf(pid) ?? null),
        uptime_s: running === undefined ? null : Math.round((Date.now() - running.startedAt) / 100) / 10,
        last_exit: lastExit,
        making: (state === 'preparing' ? part.making?.() : undefined) ?? null,
      };
    },

    async crash() {
      const { pid } = await serverPid();
      // first: it must die in the state that it was put into
      send(pid, 'SIGKILL');
      goOn(true);
      return pid;
    },

    async pause(ms) {
      const { pid, tree } = await serverPid();
      goOn();
      const resume = pauseTree(tree);
      setState('paused');
      const timer = setTimeout(() => goOn(), ms);
      goOn = () => {
        clearTimeout(timer);
        goOn = () => {};
        resume();
        if (state === 'paused') setState('running');
      };
      return pid;
    },

    async down(ms) {
      const { pid } = await serverPid();
      goOn();
      send(pid, 'SIGKILL');
      await stop();
      const timer = setTimeout(() => rise?.(), ms);
      goOn = () => {
        clearTimeout(timer);
        goOn = () => {};
        rise = undefined;
      };
      rise = () => {
        goOn();
        // its runner makes further attempts, and says why the first one failed
        started().catch(() => undefined);
      };
      return pid;
    },

    async impair(name, ms) {
      const { pid } = await serverPid();
      const found = part.impairments?.[name];
      if (found === undefined)
        throw new NoImpairmentError(part.name, name, Object.keys(part.impairments ?? {}));
      goOn();
      await found.begin();
      impairment = found;
      const timer = setTimeout(() => goOn(), ms);
      goOn = (killed = false) => {
        clearTimeout(timer);
        goOn = () => {};
        const over = () => {
          if (impairment === found) impairment = undefined;
        };
        if (killed) return over();
        found.end().then(over, (error: unknown) => {
          over();
          // a part that is stopping takes its state with it
          if (state !== 'running') return;
          report({ type: 'warning', part: part.name, text: `${name} did not end: ${messageOf(error)}` });
        });
      };
      return pid;
    },

    impaired: async () => await impairment?.seen(),

    endFault() {
      if (rise === undefined) goOn();
      else rise();
    },

    killNow() {
      if (attempt !== undefined) send(-attempt.pid, 'SIGKILL');
    },
  };
}
