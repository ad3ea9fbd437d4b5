/** Metrics of calls to peers and of their breakers. */
import { attributes as names, type ServiceName } from '@microshop/topology';
import { type Attributes, metrics } from '@opentelemetry/api';
import type { Breaker, BreakerState } from './breaker.ts';
import { errorOfRequest } from './classify.ts';
import { type ErrorClass, errorClasses } from './errors.ts';
import type { PeerResponse } from './request.ts';

/** Value of the gauge `shop.breaker.state`. */
const stateValue: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** What is counted. */
export interface CallMetrics {
  /** A peer is called for the first time: its counters begin at zero. */
  begun(peer: ServiceName): void;
  opened(peer: ServiceName): void;
  failed(peer: ServiceName, errorClass: ErrorClass): void;
  /** Runs a request and records how long it took, with its status or the class of its failure. */
  timed<R>(peer: ServiceName, send: () => Promise<PeerResponse<R>>): Promise<PeerResponse<R>>;
  close(): void;
}

/** Registers the metrics of a client and its breakers; `breakers` is read at each collection. */
export function createCallMetrics(
  caller: ServiceName,
  breakers: ReadonlyMap<ServiceName, Breaker>,
): CallMetrics {
  const meter = metrics.getMeter('@microshop/mesh-client');
  const state = meter.createObservableGauge('shop.breaker.state', {
    description: 'State of the breaker around calls to a peer: 0 closed, 1 half open, 2 open.',
  });
  const opens = meter.createCounter('shop.breaker.opens', {
    description: 'Times the breaker opened.',
    unit: '{opening}',
  });
  const failures = meter.createCounter('shop.call.failures', {
    description: 'Calls to a peer that got no usable answer, by class; refused ones included.',
    unit: '{call}',
  });
  const durations = meter.createHistogram('http.client.request.duration', {
    description: 'Measures the duration of outbound HTTP requests.',
    unit: 's',
  });
  const labels = (peer: ServiceName): Record<string, string> => ({
    'shop.caller': caller,
    [names.peer]: peer,
  });

  const observe: Parameters<typeof state.addCallback>[0] = (result) => {
    for (const [peer, breaker] of breakers) result.observe(stateValue[breaker.state], labels(peer));
  };
  state.addCallback(observe);

  const count = (peer: ServiceName, errorClass: ErrorClass, calls: number): void =>
    failures.add(calls, { ...labels(peer), [names.errorClass]: errorClass });

  return {
    begun(peer) {
      // a counter that begins with its first failure hides it from every rate
      opens.add(0, labels(peer));
      for (const errorClass of errorClasses) count(peer, errorClass, 0);
    },
    opened: (peer) => opens.add(1, labels(peer)),
    failed: (peer, errorClass) => count(peer, errorClass, 1),
    async timed(peer, send) {
      const startedAt = performance.now();
      const record = (outcome: Attributes) =>
        durations.record((performance.now() - startedAt) / 1000, {
          'http.request.method': 'GET',
          'server.address': peer,
          ...outcome,
        });
      try {
        const answer = await send();
        const { status } = answer;
        record({
          'http.response.status_code': status,
          ...(answer.ok ? {} : { 'error.type': String(status) }),
        });
        return answer;
      } catch (error) {
        const { errorClass, status } = errorOfRequest(peer, error);
        record({
          'error.type': status === undefined ? errorClass : String(status),
          ...(status === undefined ? {} : { 'http.response.status_code': status }),
        });
        throw error;
      }
    },
    close: () => state.removeCallback(observe),
  };
}
