/**
 * One circuit breaker per peer around the whole call, retries of the sidecar included.
 *
 * What counts: answers (4xx included) are successes; 5xx, timeouts, lost connections and bodies of 2xx that are not
 * what was agreed are failures. It opens when MORE than `errorThresholdPercentage` of at least `volumeThreshold` calls
 * in the window failed. Calls refused here (open, at capacity, no time left) are neither.
 *
 * A deadline that passes while the peer is asked is the peer's failure only if the peer had at least `fairChanceMs`:
 * with less, the time was spent before the call. The probe of a half-open breaker is always judged: without an answer
 * the breaker stays open.
 *
 * opossum reads most of its options once. So another policy means another circuit: closed, with an empty window. Calls
 * under way end on the circuit they began on, under its limits, and count for neither.
 */
import type { BreakerPolicy, ServiceName } from '@microshop/topology';
import CircuitBreaker from 'opossum';
import {
  breakerOpenError,
  breakerTimeoutError,
  codeOf,
  errorOfRequest,
  overloadedError,
} from './classify.ts';
import type { PeerError } from './errors.ts';

/** State of a breaker, as in the span attribute `shop.breaker.state`. */
export type BreakerState = 'closed' | 'half_open' | 'open';

/** What one call does and how long it may; the action must end soon after `signal` aborts. */
export interface GuardedCall<R> {
  readonly run: (signal: AbortSignal) => Promise<R>;
  /** Milliseconds the caller has left. */
  readonly remainingMs: number;
}

/** A breaker. */
export interface Breaker {
  readonly state: BreakerState;
  /** Runs a call. Rejects with {@link PeerError} only. */
  guard<R>(call: GuardedCall<R>): Promise<R>;
  /** Applies another policy: closed, whatever it was. Calls under way end under the one they began with. */
  change(policy: BreakerPolicy): void;
  close(): void;
}

/** What a breaker is made of. */
export interface BreakerOptions {
  readonly peer: ServiceName;
  readonly policy: BreakerPolicy;
  /** Time in which a healthy peer answers, milliseconds. */
  readonly fairChanceMs: number;
  /** Error for a call whose time is over. */
  readonly deadlineError: () => PeerError;
  /** Runs in the context of the call that caused the change; for `half_open` in that of a timer. */
  readonly onChange: (state: BreakerState) => void;
}

/** Buckets of the rolling window. */
const windowBuckets = 10;

/** Makes a breaker. It keeps timers (not referenced) until it is closed. */
export function createBreaker(options: BreakerOptions): Breaker {
  const { peer } = options;
  let current = createCircuit(options, options.policy);
  // for all circuits: the capacity is the peer's, and calls of the previous circuit may still be under way
  let underWay = 0;

  async function guard<R>(call: GuardedCall<R>): Promise<R> {
    const circuit = current;
    const { capacity } = circuit.policy;
    if (circuit.state() === 'closed' && underWay >= capacity) throw overloadedError(peer, capacity);

    const controller = new AbortController();
    const answer = Promise.withResolvers<R>();
    const startedAt = performance.now();
    const timer = setTimeout(() => controller.abort(options.deadlineError()), call.remainingMs);
    underWay += 1;
    try {
      await circuit.fire(async () => {
        try {
          answer.resolve(await call.run(controller.signal));
        } catch (error) {
          const failure = errorOfRequest(peer, error);
          const had = performance.now() - startedAt;
          const judged = failure.errorClass !== 'deadline_exceeded' || had >= options.fairChanceMs;
          throw judged ? failure : new NotJudgedError(failure);
        }
      });
    } catch (error) {
      const failure = circuit.toPeerError(error);
      // On a timeout of the breaker the action goes on; its result is no longer awaited.
      controller.abort(failure);
      throw failure;
    } finally {
      clearTimeout(timer);
      underWay -= 1;
    }
    return answer.promise;
  }

  return {
    get state() {
      return current.state();
    },
    guard,
    change: (policy) => {
      const before = current;
      current = createCircuit(options, policy);
      const wasClosed = before.state() === 'closed';
      before.shutdown();
      if (!wasClosed) options.onChange('closed');
    },
    close: () => current.shutdown(),
  };
}

/** A breaker's circuit under one policy. */
interface Circuit {
  readonly policy: BreakerPolicy;
  state(): BreakerState;
  fire(run: () => Promise<void>): Promise<unknown>;
  toPeerError(error: unknown): PeerError;
  /** Ends its timers and its events; calls under way go on. */
  shutdown(): void;
}

function createCircuit({ peer, onChange }: BreakerOptions, policy: BreakerPolicy): Circuit {
  let openedAt = 0;

  // opossum's capacity is not used: it counts a refused call as a failure of the peer. Its abortController neither:
  // it is shared by all calls, so one timeout would abort them all.
  const circuit = new CircuitBreaker((run: () => Promise<unknown>): Promise<unknown> => run(), {
    name: peer,
    timeout: policy.timeoutMs,
    errorThresholdPercentage: policy.errorThresholdPercentage,
    volumeThreshold: policy.volumeThreshold,
    rollingCountTimeout: policy.rollingCountTimeoutMs,
    rollingCountBuckets: windowBuckets,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    resetTimeout: policy.resetTimeoutMs,
    errorFilter: (error: unknown): boolean => error instanceof NotJudgedError && !circuit.halfOpen,
  });
  circuit.on('open', () => {
    openedAt = Date.now();
    onChange('open');
  });
  circuit.on('halfOpen', () => onChange('half_open'));
  circuit.on('close', () => onChange('closed'));

  return {
    policy,
    state: () => (circuit.opened ? 'open' : circuit.halfOpen ? 'half_open' : 'closed'),
    fire: (run) => circuit.fire(run),
    toPeerError(error) {
      if (error instanceof NotJudgedError) return error.failure;
      switch (codeOf(error)) {
        case 'EOPENBREAKER':
          return breakerOpenError(peer, openedAt + policy.resetTimeoutMs - Date.now(), error);
        case 'ETIMEDOUT':
          return breakerTimeoutError(peer, policy.timeoutMs, error);
        default:
          return errorOfRequest(peer, error);
      }
    },
    shutdown: () => circuit.shutdown(),
  };
}

/** Marks a failure that says nothing about the peer. */
class NotJudgedError extends Error {
  readonly failure: PeerError;

  constructor(failure: PeerError) {
    super(failure.message, { cause: failure });
    this.name = 'NotJudgedError';
    this.failure = failure;
  }
}
