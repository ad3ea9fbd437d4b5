/** HTTP calls to peers through the caller's sidecar: one breaker, one span and one log line per logical call. */
import { isDeepStrictEqual } from 'node:util';
import {
  type BreakerPolicies,
  type BreakerPolicy,
  type EdgePolicy,
  edgePolicyTo,
  attributes as names,
  requestDeadlineMs,
  type ServiceName,
  serviceNamed,
} from '@microshop/topology';
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Static, TSchema } from 'typebox';
import { Pool } from 'undici';
import { attempted } from './attempts.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { classOfAnswer, deadlineError, errorOfRequest } from './classify.ts';
import type { Deadline } from './deadline.ts';
import { createCallMetrics } from './metrics.ts';
import { type PeerResponse, sendRequest } from './request.ts';

/** Largest body of an answer, bytes; a page of 100 products has about 30 KB. */
const maxResponseBytes = 1024 * 1024;

/** Time to connect to the sidecar, on the same machine, milliseconds. */
const connectTimeoutMs = 1000;

/** The part of a pino logger that is used. */
export interface CallLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What a client needs. */
export interface MeshClientOptions {
  /**
   * Address of the sidecar's outbound listener, `http://host:port`; without a sidecar, the address of each peer by its name:
   * then nothing retries.
   */
  readonly outboundUrl: string | ReadonlyMap<string, string>;
  /** Service that calls; on the metrics. */
  readonly caller: ServiceName;
  readonly logger: CallLogger;
  /** Policy of all its edges to begin with; the topology's of each unless a test needs shorter times. */
  readonly policy?: EdgePolicy;
}

/** What one call needs. */
export interface CallOptions<S extends TSchema> {
  /** What is read of the body of a 2xx answer; one that does not fit is a failure of the call. */
  readonly schema: S;
  /** Deadline of the request that this call serves; handed on to the peer. */
  readonly deadline: Deadline;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One service that can be asked. */
export interface Peer {
  /**
   * GET of that path (with its query). Resolves to the answer, 2xx or 4xx; rejects with {@link PeerError} when there
   * is none in time, or none of the agreed shape. Not retried here, unless a comparison wants that: the sidecar does so.
   */
  get<S extends TSchema>(path: string, options: CallOptions<S>): Promise<PeerResponse<Static<S>>>;
}

/** Client for all peers of a service. */
export interface MeshClient {
  peer(name: ServiceName): Peer;
  /**
   * Applies other breaker policies. A breaker whose policy changes starts over, closed, while calls under way end on
   * the old one; the others are left alone.
   */
  changeBreakers(policies: BreakerPolicies): void;
  /** Closes connections when their calls have ended, and stops the breakers. */
  close(): Promise<void>;
}

const tracer = trace.getTracer('@microshop/mesh-client');

/** Makes a client; to be closed at the end of the process. Throws when a peer of the caller has no address. */
export function createMeshClient(options: MeshClientOptions): MeshClient {
  const policyTo = (peer: ServiceName) => options.policy ?? edgePolicyTo(peer);
  const pools = openPools(options.outboundUrl, serviceNamed(options.caller).calls);
  const breakers = new Map<ServiceName, Breaker>();
  // the first call creates the breaker; earlier changes of its policy apply
  const policies = new Map<ServiceName, BreakerPolicy>();
  const metrics = createCallMetrics(options.caller, breakers);

  const policyNow = (peer: ServiceName) => policies.get(peer) ?? policyTo(peer).breaker;

  function breakerOf(peer: ServiceName): Breaker {
    const known = breakers.get(peer);
    if (known !== undefined) return known;
    const policy = policyTo(peer);
    const breaker = createBreaker({
      peer,
      policy: policyNow(peer),
      fairChanceMs: policy.perTryTimeoutMs,
      deadlineError: () => deadlineError(peer, true),
      onChange: (state) => {
        // A breaker goes half open by a timer, in the context of a request long gone.
        if (state !== 'half_open')
          trace.getActiveSpan()?.addEvent('breaker changed', { [names.breakerState]: state });
        if (state === 'open') metrics.opened(peer);
        options.logger[state === 'open' ? 'warn' : 'info']({ peer, breaker_state: state }, 'breaker changed');
      },
    });
    breakers.set(peer, breaker);
    metrics.begun(peer);
    return breaker;
  }

  async function get<S extends TSchema>(
    peer: ServiceName,
    path: string,
    { schema, deadline, headers }: CallOptions<S>,
  ): Promise<PeerResponse<Static<S>>> {
    const breaker = breakerOf(peer);
    const state = breaker.state;
    // the only span of the call: undici's would repeat it
    const span = tracer.startSpan(`call ${peer}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        [names.peer]: peer,
        [names.breakerState]: state,
        'http.request.method': 'GET',
        'server.address': peer,
        'peer.service': peer,
      },
    });
    return inSpan(span, async () => {
      const startedAt = performance.now();
      const line = { peer, method: 'GET', url: `http://${peer}${path}`, breaker_state: state };
      const durationMs = (): number => Math.round((performance.now() - startedAt) * 1000) / 1000;
      try {
        if (deadline.expired()) throw deadlineError(peer, false);
        const response = await breaker.guard({
          remainingMs: deadline.remainingMs(),
          run: (signal) =>
            attempted(policyNow(peer).attempts, signal, () =>
              metrics.timed(peer, () =>
                sendRequest({
                  dispatcher: pools.of(peer),
                  peer,
                  path,
                  headers: withContext({ ...headers, ...deadline.headers() }),
                  signal,
                  schema,
                }),
              ),
            ),
        });
        const { status } = response;
        const errorClass = classOfAnswer(status);
        span.setAttribute('http.response.status_code', status);
        if (errorClass !== undefined) span.setAttribute(names.errorClass, errorClass);
        options.logger.info(
          { ...line, status, duration_ms: durationMs(), error_class: errorClass },
          'call to a peer',
        );
        return response;
      } catch (error) {
        const failure = errorOfRequest(peer, error);
        const { errorClass, status } = failure;
        if (status !== undefined) span.setAttribute('http.response.status_code', status);
        span.setAttributes({ [names.errorClass]: errorClass, 'error.type': errorClass });
        span.recordException(failure);
        span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
        metrics.failed(peer, errorClass);
        options.logger.warn(
          { ...line, status, duration_ms: durationMs(), error_class: errorClass, reason: failure.message },
          'call to a peer failed',
        );
        throw failure;
      }
    });
  }

  return {
    peer: (name) => ({ get: (path, options) => get(name, path, options) }),
    changeBreakers: (changed) => {
      for (const peer of serviceNamed(options.caller).calls) {
        const policy = changed[peer];
        if (policy === undefined || isDeepStrictEqual(policy, policyNow(peer))) continue;
        policies.set(peer, policy);
        breakers.get(peer)?.change(policy);
        options.logger.info({ peer, policy }, 'policy of a breaker changed');
      }
    },
    close: async () => {
      metrics.close();
      for (const breaker of breakers.values()) breaker.close();
      await pools.close();
    },
  };
}

/** The headers with the context of the active span, by which the peer's spans become part of this trace. */
function withContext(headers: Record<string, string>): Record<string, string> {
  propagation.inject(context.active(), headers);
  return headers;
}

/** Connections to the sidecar, or to each peer. Throws when one of `calls` has no address. */
function openPools(outboundUrl: MeshClientOptions['outboundUrl'], calls: readonly ServiceName[]) {
  const open = (url: string) =>
    new Pool(url, {
      connect: { timeout: connectTimeoutMs },
      maxResponseSize: maxResponseBytes,
      // The breaker's limit and the deadline come first; these only free what they have given up.
      headersTimeout: requestDeadlineMs * 2,
      bodyTimeout: requestDeadlineMs * 2,
    });
  if (typeof outboundUrl === 'string') {
    const pool = open(outboundUrl);
    return { of: (_peer: ServiceName) => pool, close: () => pool.close() };
  }
  const addressOf = (peer: ServiceName) => {
    const url = outboundUrl.get(peer);
    if (url === undefined) throw new Error(`There is no address of ${peer}`);
    return url;
  };
  const pools = new Map(calls.map((peer) => [peer, open(addressOf(peer))]));
  return {
    of: (peer: ServiceName) => pools.get(peer) ?? fail(peer),
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function fail(peer: ServiceName): never {
  throw new Error(`${peer} is not a peer of this service`);
}

async function inSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
  return context.with(trace.setSpan(context.active(), span), async () => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}
