/** Metrics of the breakers. Durations and statuses of calls are in `http.client.request.duration` already. */
import { edges, attributes as names, type ServiceName } from '@microshop/topology';
import { metrics } from '@opentelemetry/api';
import type { Breaker, BreakerState } from './breaker.ts';
import { type ErrorClass, errorClasses } from './errors.ts';

/** Value of the gauge `shop.breaker.state`. */
const stateValue: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** What is counted. */
export interface BreakerMetrics {
  opened(peer: ServiceName): void;
  failed(peer: ServiceName, errorClass: ErrorClass): void;
  close(): void;
}

/** Registers the metrics of a client's breakers; `breakers` is read at each collection. */
export function createBreakerMetrics(
  caller: ServiceName,
  breakers: ReadonlyMap<ServiceName, Breaker>,
): BreakerMetrics {
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
  const labels = (peer: ServiceName): Record<string, string> => ({
    'shop.caller': caller,
    [names.peer]: peer,
  });

  const observe: Parameters<typeof state.addCallback>[0] = (result) => {
    for (const [peer, breaker] of breakers) result.observe(stateValue[breaker.state], labels(peer));
  };
  state.addCallback(observe);

  const failed = (peer: ServiceName, errorClass: ErrorClass, calls: number) =>
    failures.add(calls, { ...labels(peer), [names.errorClass]: errorClass });
  // a counter that begins with its first failure hides it from every rate
  for (const { callee } of edges.filter((edge) => edge.caller === caller)) {
    opens.add(0, labels(callee));
    for (const errorClass of errorClasses) failed(callee, errorClass, 0);
  }

  return {
    opened: (peer) => opens.add(1, labels(peer)),
    failed: (peer, errorClass) => failed(peer, errorClass, 1),
    close: () => state.removeCallback(observe),
  };
}
