/** The figure: of the orders of the last minutes, how many have a whole trace. As an answer, and as metrics. */

import { attributes } from '@microshop/topology';
import { type BatchObservableCallback, metrics } from '@opentelemetry/api';
import { type Static, Type } from 'typebox';
import { brokenTree, type Outcome } from './outcome.ts';

const count = Type.Integer({ minimum: 0 });
const share = Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()]);

/** Answer of `GET /api/completeness`, and `traces` in `./mesh status --json`. */
export const figureSchema = Type.Object({
  /** Orders are counted that were placed in the last so many seconds. */
  window_s: Type.Integer(),
  /**
   * Complete ÷ (complete + incomplete), an order of a share weighing as many as it stands for. `null` when it is
   * unknown: there is no such order, or more orders are waiting or unproven than were judged.
   */
  ratio: share,
  /** Orders placed. */
  placed: count,
  /** Share of them that was chosen by trace id to be judged; `null` when there is none. */
  share,
  /** Those that were chosen. */
  orders: Type.Object({
    complete: count,
    incomplete: count,
    /** Spans were lost with a process that was killed, or while the collector was down. */
    unprovable: count,
    /** Not judged by the deadline: Jaeger held no trace, or did not answer, or the order had not ended. */
    unproven: count,
    /** Not ended yet, or their spans may still be on their way. */
    waiting: count,
  }),
  /** What incomplete traces lack, the most frequent first. */
  missing: Type.Array(Type.Object({ hop: Type.String(), orders: count, trace_id: Type.String() })),
});

/** The figure. */
export type Figure = Static<typeof figureSchema>;

/** A chosen order, as it is counted. */
export interface Counted {
  outcome: Outcome | 'unproven' | 'waiting';
  missing: readonly string[];
  /** Trace that was judged. */
  judgedTraceId?: string | undefined;
  /** Orders it stands for: 1 ÷ the share it was chosen with. */
  readonly weight: number;
}

/** Orders that were seen in one pass. */
export interface Seen {
  readonly placed: number;
  readonly chosen: number;
}

/** Adds up chosen orders, and how many there were to choose from. */
export function figureOf(orders: readonly Counted[], seen: readonly Seen[], windowSeconds: number): Figure {
  const byOutcome = Map.groupBy(orders, ({ outcome }) => outcome);
  const number = (outcome: Counted['outcome']) => byOutcome.get(outcome)?.length ?? 0;
  const weight = (outcome: Counted['outcome']) =>
    (byOutcome.get(outcome) ?? []).reduce((sum, order) => sum + order.weight, 0);
  const provable = weight('complete') + weight('incomplete');
  const judged = provable + weight('unprovable');
  const tells = provable > 0 && judged >= weight('waiting') + weight('unproven');
  const placed = seen.reduce((sum, pass) => sum + pass.placed, 0);
  const chosen = seen.reduce((sum, pass) => sum + pass.chosen, 0);
  const gone = (byOutcome.get('incomplete') ?? []).flatMap(({ missing, judgedTraceId = '' }) =>
    missing.map((hop) => ({ hop, traceId: judgedTraceId })),
  );
  return {
    window_s: windowSeconds,
    ratio: tells ? weight('complete') / provable : null,
    placed,
    share: placed === 0 ? null : chosen / placed,
    orders: {
      complete: number('complete'),
      incomplete: number('incomplete'),
      unprovable: number('unprovable'),
      unproven: number('unproven'),
      waiting: number('waiting'),
    },
    missing: [...Map.groupBy(gone, ({ hop }) => hop)]
      .map(([hop, of]) => ({ hop, orders: of.length, trace_id: of.at(-1)?.traceId ?? '' }))
      .sort((one, other) => other.orders - one.orders),
  };
}

/** Reports the figure at each export; returns how to end that. */
export function observeCompleteness(figure: () => Figure): () => void {
  const meter = metrics.getMeter('@microshop/control');
  const ratio = meter.createObservableGauge('shop.trace.completeness', {
    unit: '1',
    description:
      'Share of the provable orders of the last minutes whose trace is whole; absent while it is unknown.',
  });
  const share = meter.createObservableGauge('shop.trace.judged', {
    unit: '1',
    description: 'Share of the orders of the last minutes that was chosen by trace id to be judged.',
  });
  const orders = meter.createObservableGauge('shop.trace.orders', {
    unit: '{order}',
    description: 'Chosen orders of the last minutes by what their traces prove.',
  });
  const missing = meter.createObservableGauge('shop.trace.missing', {
    unit: '{order}',
    description: 'Chosen orders of the last minutes whose trace lacks that hop.',
  });
  const instruments = [ratio, share, orders, missing];
  const observe: BatchObservableCallback = (result) => {
    const now = figure();
    if (now.ratio !== null) result.observe(ratio, now.ratio);
    if (now.share !== null) result.observe(share, now.share);
    for (const [outcome, count] of Object.entries(now.orders)) {
      result.observe(orders, count, { [attributes.outcome]: outcome });
    }
    // one hop is always reported: nothing missing is a zero, not a metric that is absent
    const lacking = new Map([[brokenTree, 0], ...now.missing.map((one) => [one.hop, one.orders] as const)]);
    for (const [hop, count] of lacking) result.observe(missing, count, { [attributes.hop]: hop });
  };
  meter.addBatchObservableCallback(observe, instruments);
  return () => meter.removeBatchObservableCallback(observe, instruments);
}
