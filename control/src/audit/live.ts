/**
 * Invariants that figures of the running mesh prove or break at any time: I5, I6 and I8. What nothing but an experiment can
 * judge (I7) says so. Reads nothing itself.
 */
import { requestDeadlineMs } from '@microshop/topology';
import { type Static, Type } from 'typebox';
import type { Figure } from '../completeness/figure.ts';
import { isUnread, type Unread } from './found.ts';
import { invariantSchema } from './report.ts';

/** Answers may take so much longer than the deadline (I5): the way to the client and back. */
export const overDeadline = 1.1;

/** Attempts are counted while calls are under way, so a bound on them has some room (I6). */
export const attemptsRoom = 1.05;

/** Time over which figures are judged, minutes: the window in which traces are judged, too. */
export const liveMinutes = 5;

/** An invariant as figures show it. */
export const liveInvariantSchema = Type.Object({
  id: Type.Enum(['I5', 'I6', 'I7', 'I8']),
  says: Type.String(),
  verdict: invariantSchema.properties.verdict,
  /** Why it is UNKNOWN; empty otherwise. */
  why: Type.String(),
  /** What breaks it. */
  broken_by: Type.Array(Type.String()),
});

/** An invariant as figures show it. */
export type LiveInvariant = Static<typeof liveInvariantSchema>;

/** A bound of a histogram: how many answers took at most so long. */
export interface Bucket {
  /** Milliseconds; `Infinity` is the last one. */
  readonly ms: number;
  readonly count: number;
}

/** Attempts for each call over an edge, and how many its policy allows. */
export interface EdgeAttempts {
  /** `orders → products`. */
  readonly edge: string;
  readonly attempts: number;
  readonly most: number;
}

/** What is judged. */
export interface LiveEvidence {
  /** Answers to the placing of an order. */
  readonly answers: readonly Bucket[] | Unread;
  /** Edges over which calls went. */
  readonly attempts: readonly EdgeAttempts[] | Unread;
  readonly traces: Figure;
}

/** The verdicts, in the order of the contract. */
export function liveInvariants({ answers, attempts, traces }: LiveEvidence): LiveInvariant[] {
  return [inTime(answers), withinPolicy(attempts), explained, wholeTraces(traces)];
}

const unknown = (id: LiveInvariant['id'], says: string, why: string): LiveInvariant => ({
  ...{ id, says, verdict: 'UNKNOWN', why },
  broken_by: [],
});

const judged = (id: LiveInvariant['id'], says: string, brokenBy: readonly string[]): LiveInvariant => ({
  ...{ id, says, verdict: brokenBy.length === 0 ? 'OK' : 'BROKEN', why: '' },
  broken_by: [...brokenBy],
});

/** Share of answers that must be in time. */
const share = 0.99;

/** A histogram says between which of its bounds the 99th of 100 lies: where the limit is between them, nothing is proven. */
function inTime(answers: readonly Bucket[] | Unread): LiveInvariant {
  const mostMs = Math.round(requestDeadlineMs * overDeadline);
  const says = `99 of 100 orders are answered within ${mostMs} ms, the deadline and a tenth`;
  if (isUnread(answers)) return unknown('I5', says, answers.unread);
  const bounds = answers.toSorted((one, other) => one.ms - other.ms);
  const all = bounds.at(-1)?.count ?? 0;
  if (all === 0) return unknown('I5', says, `no order was placed in the last ${liveMinutes} min`);
  const index = bounds.findIndex(({ count }) => count >= share * all);
  const from = bounds[index - 1]?.ms ?? 0;
  const to = bounds[index]?.ms ?? Number.POSITIVE_INFINITY;
  if (to <= mostMs) return judged('I5', says, []);
  if (from >= mostMs) return judged('I5', says, [`more than 1 of 100 took over ${from} ms`]);
  return unknown('I5', says, `the slowest took between ${from} and ${to} ms; the gateway counts no finer`);
}

function withinPolicy(edges: readonly EdgeAttempts[] | Unread): LiveInvariant {
  const says = 'no layer makes more attempts for a call than its policy allows';
  if (isUnread(edges)) return unknown('I6', says, edges.unread);
  if (edges.length === 0) return unknown('I6', says, `there was no call in the last ${liveMinutes} min`);
  const over = edges.filter(({ attempts, most }) => attempts > most * attemptsRoom);
  return judged(
    'I6',
    says,
    over.map(
      ({ edge, attempts, most }) => `${edge}: ${attempts.toFixed(2)} attempts for each call, of ${most}`,
    ),
  );
}

const explained = unknown(
  'I7',
  'every error that a client sees is explained by the fault that was set',
  'only an experiment knows what its fault explains: ./mesh experiment run --all',
);

function wholeTraces({ ratio, window_s: seconds, orders, missing }: Figure): LiveInvariant {
  const says = 'the trace of every order is whole: one root, no orphan, no hop missing';
  if (orders.incomplete > 0) {
    return judged(
      'I8',
      says,
      missing.map((one) => `${one.orders} without ${one.hop}, as in ./mesh trace ${one.trace_id}`),
    );
  }
  if (ratio === null)
    return unknown('I8', says, `too few orders of the last ${seconds / 60} min could be judged`);
  return judged('I8', says, []);
}
