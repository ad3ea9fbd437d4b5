/** The figure: of the orders of the last minutes, how many have a whole trace. */
import { type Static, Type } from 'typebox';
import type { Judgement } from './outcome.ts';

const count = Type.Integer({ minimum: 0 });

/** Answer of `GET /api/completeness`, and `traces` in `./mesh status --json`. */
export const figureSchema = Type.Object({
  /** Orders are counted that were placed in the last so many seconds, and that were looked at. */
  window_s: Type.Integer(),
  /** Complete ÷ (complete + incomplete); `null` when there is no such order. */
  ratio: Type.Union([Type.Number(), Type.Null()]),
  orders: Type.Object({
    complete: count,
    incomplete: count,
    /** Spans were lost with a process that was killed, or while the collector was away. */
    unprovable: count,
    /** Not ended yet, or their spans may still be on their way. */
    waiting: count,
  }),
  /** What incomplete traces lack, the most frequent first. */
  missing: Type.Array(Type.Object({ hop: Type.String(), orders: count, trace_id: Type.String() })),
});

/** The figure. */
export type Figure = Static<typeof figureSchema>;

/** Adds judgements up, each by its trace id. */
export function figureOf(
  judgements: ReadonlyMap<string, Judgement>,
  waiting: number,
  windowSeconds: number,
): Figure {
  const all = [...judgements];
  const number = (outcome: Judgement['outcome']) => all.filter(([, one]) => one.outcome === outcome).length;
  const complete = number('complete');
  const incomplete = number('incomplete');
  const gone = all.flatMap(([traceId, one]) =>
    one.outcome === 'incomplete' ? one.missing.map((hop) => ({ hop, traceId })) : [],
  );
  return {
    window_s: windowSeconds,
    ratio: complete + incomplete === 0 ? null : complete / (complete + incomplete),
    orders: { complete, incomplete, unprovable: number('unprovable'), waiting },
    missing: [...Map.groupBy(gone, ({ hop }) => hop)]
      .map(([hop, of]) => ({ hop, orders: of.length, trace_id: of.at(-1)?.traceId ?? '' }))
      .sort((one, other) => other.orders - one.orders),
  };
}
