/**
 * A part of the mesh as the native runner sees it (one server process, how it is prepared, started, checked and ended),
 * and the times it is run by.
 */
import type { impairmentNames } from '@microshop/program-kit/process-faults';
import type { PartKind } from '@microshop/program-kit/runner-events';

/** Where a part is in its life. */
export type PartState =
  /** Its dependencies are not healthy yet. */
  | 'waiting'
  /** What its process needs is being made. */
  | 'preparing'
  /** Its process runs and is not healthy yet. */
  | 'starting'
  | 'running'
  /** Its processes are stopped where they are, for a time. */
  | 'paused'
  /** It died by itself and is started again after a back-off. */
  | 'backoff'
  | 'stopping'
  | 'stopped';

/** A TCP port a part binds, checked before anything starts. */
export interface BoundPort {
  readonly host: string;
  readonly port: number;
  /** What it is for, and the variable that moves it: `gateway (MESH_PORT_GATEWAY)`. */
  readonly purpose: string;
}

/** The process of a part. */
export interface PartProcess {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What a part's program still needs before it is there. */
export interface PartMaking {
  /** What is being done: `compiling`. */
  readonly step: string;
  /** Share of that step which is done, 0 to 1; `null` when it is not known. */
  readonly share: number | null;
  /** Time until the program is there, seconds; `null` while it is unknown. */
  readonly seconds_left: number | null;
}

/** Thrown by `prepare` when what the part needs is not available: another attempt right away would fail the same. */
export class PartUnobtainableError extends Error {
  override readonly name = 'PartUnobtainableError';
}

/** What releases those that depend on a part, before it is healthy. */
export interface Early {
  /** True when the others can start. Rejections count as "not yet"; each call is bounded by `signal`. */
  live(signal: AbortSignal): Promise<boolean>;
  /** Names of the parts that its health needs; ended after this one. */
  readonly needs: readonly string[];
}

/** Name of an {@link Impairment}. */
export type ImpairmentName = (typeof impairmentNames)[number];

/** A state that a server can be put into while it runs, and that hurts those that use it. */
export interface Impairment {
  /** Puts it into that state; ready when it is in effect. A start of the server ends it as well. */
  begin(): Promise<void>;
  /** Ends it. Idempotent; rejects when the server cannot be asked. */
  end(): Promise<void>;
  /** Whether it is in effect, and how often somebody has met it; both by what the server itself says. */
  seen(): Promise<ImpairmentSeen>;
}

/** What a server says of an {@link Impairment}. */
export interface ImpairmentSeen {
  readonly in_effect: boolean;
  readonly hits: number;
  /** What is counted: `connections are blocked`. */
  readonly counted: string;
}

/** One server process of the mesh. */
export interface Part {
  /** Name in `./mesh status`: `orders`, `orders-sidecar`, `postgres`. */
  readonly name: string;
  readonly kind: PartKind;
  /**
   * Names of the parts that must be healthy before this one starts, or live where they have {@link Part.early}; ended
   * after this one, but for those.
   */
  readonly dependsOn: readonly string[];
  readonly ports: readonly BoundPort[];
  /** Makes what the process needs (data directory, configuration). Idempotent; runs before every start. */
  prepare?(): Promise<void>;
  /**
   * Of a part that the mesh can do without for a time: whether its program is still to be built, which takes minutes. The
   * mesh is up before it then, and it joins when it is there. Absent: the mesh always waits for it.
   */
  joinsLater?(): Promise<boolean>;
  /** How far its program is while that is being made; `undefined` when it is there. */
  making?(): PartMaking | undefined;
  /** The process to start. Called after `prepare`. */
  process(): Promise<PartProcess> | PartProcess;
  /** True when the part does its work. Rejections count as "not yet"; each call is bounded by `signal`. */
  healthy(signal: AbortSignal): Promise<boolean>;
  /** Of a part that others need before it is healthy, since its health needs theirs. Absent: they wait for its health. */
  readonly early?: Early;
  /** Runs once after the first healthy check of a start (databases and roles). Idempotent. */
  afterHealthy?(): Promise<void>;
  /** Signal of an ordered stop; SIGTERM when absent. */
  readonly stopSignal?: NodeJS.Signals;
  /** Time an ordered stop may take before SIGKILL, milliseconds. */
  readonly stopTimeoutMs: number;
  /** Ends what the process leaves behind (RabbitMQ's epmd). Idempotent; runs after every end. */
  afterStop?(): Promise<void>;
  /**
   * Pid of the server itself, given the pid that was spawned, when a wrapper stays in between (RabbitMQ's script).
   * Absent: the spawned pid is the server's.
   */
  serverPid?(spawnedPid: number): Promise<number | undefined>;
  /** What can be done to this server besides ending or suspending it, by the name of the fault. */
  readonly impairments?: Readonly<Partial<Record<ImpairmentName, Impairment>>>;
}

/** Milliseconds, all of them. */
export interface Timings {
  /** Between two health checks of a part that starts. */
  readonly healthEveryMs: number;
  /** Limit of one health check. */
  readonly healthLimitMs: number;
  /** Time from the start of its process within which a part must be healthy. */
  readonly startLimitMs: number;
  /** Back-off after the first death; doubled with each further one. */
  readonly backOffFirstMs: number;
  readonly backOffLongestMs: number;
  /** Healthy for so long, a part starts again with the first back-off. */
  readonly backOffResetMs: number;
  /** Between two checks of the sizes of logs, and of the lock. A part writes some MB/s at most. */
  readonly filesEveryMs: number;
}

/**
 * Times of a real mesh. RabbitMQ takes 4 to 15 s to start on an idle machine; the limit leaves room for a busy one.
 */
export const meshTimings: Timings = {
  healthEveryMs: 100,
  healthLimitMs: 2000,
  startLimitMs: 120_000,
  backOffFirstMs: 500,
  backOffLongestMs: 10_000,
  backOffResetMs: 30_000,
  filesEveryMs: 10_000,
};
