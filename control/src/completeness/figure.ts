/** The figure: of the orders of the last minutes, how many have a whole trace. As an answer; `metrics.ts` reports it. */

import { type Static, Type } from 'typebox';
import type { Outcome } from './outcome.ts';

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
