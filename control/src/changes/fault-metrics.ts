/** Faults in force, as a metric: dashboards show when a fault was set and when it ended. */
import {
  attributes,
  callersOf,
  effectFields,
  effectsIn,
  type FaultEffect,
  type Identity,
  type ServiceName,
  services,
} from '@microshop/topology';
import { type BatchObservableCallback, metrics } from '@opentelemetry/api';
import type { FaultRecord } from './schemas.ts';

/** A fault that can be set, and the share of the calls that meet it, 0 to 1. */
export interface FaultShare {
  readonly callee: ServiceName;
  /** `any`: every caller without a fault of its own. */
  readonly caller: Identity | 'any';
  /** The attribute `shop.fault.kind`. */
  readonly kind: FaultEffect['kind'];
  readonly share: number;
}

/** Every fault that can be set; those that are not have share 0, so that the end of one is seen at once. */
export function faultShares(faults: readonly FaultRecord[]): FaultShare[] {
  return services.flatMap(({ name: callee }) =>
    [undefined, ...callersOf(callee)].flatMap((from) =>
      effectFields.map(({ name, effect }): FaultShare => {
        const set = faults.find(
          (fault) =>
            fault.service === callee &&
            fault.from === (from ?? null) &&
            effectsIn(fault).some(({ field }) => field.name === name),
        );
        return { callee, caller: from ?? 'any', kind: effect.kind, share: (set?.percent ?? 0) / 100 };
      }),
    ),
  );
}

/** Reports them at each export; returns how to end that. A state that cannot be read reports nothing. */
export function observeFaults(read: () => Promise<{ readonly faults: readonly FaultRecord[] }>): () => void {
  const meter = metrics.getMeter('@microshop/control');
  const gauge = meter.createObservableGauge('shop.fault.share', {
    unit: '1',
    description: 'Share of the calls to a service that meet a fault, by caller and kind; 0 when none is set.',
  });
  const observe: BatchObservableCallback = async (result) => {
    const changes = await read().catch(() => undefined);
    if (changes === undefined) return;
    for (const { callee, caller, kind, share } of faultShares(changes.faults)) {
      result.observe(gauge, share, {
        [attributes.peer]: callee,
        [attributes.caller]: caller,
        [attributes.faultKind]: kind,
      });
    }
  };
  meter.addBatchObservableCallback(observe, [gauge]);
  return () => meter.removeBatchObservableCallback(observe, [gauge]);
}
