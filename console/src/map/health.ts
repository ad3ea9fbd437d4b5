/** How an edge is, by its figures: a word and a sign beside the colour. */
import type { MapEdge } from '@microshop/control/console/schemas';
import { placeOrderObjective } from '@microshop/topology';
import { attemptsText, millisecondsText, rateText, shareText, unbroken } from '../look/format.ts';

/** How an edge or a place is, in the words that the page shows. */
export type Health = 'well' | 'watched' | 'bad' | 'idle';

/** Each with its sign, and what the legend says of it. */
export const healths: Readonly<Record<Health, { readonly sign: string; readonly means?: string }>> = {
  well: { sign: '✓' },
  watched: { sign: '!', means: 'some calls fail, are retried or slow' },
  bad: { sign: '✗', means: 'many calls fail, are retried or slow, or a breaker is open' },
  idle: { sign: '·', means: 'no traffic' },
};

/** `✓ well`. */
export const healthText = (health: Health): string => `${healths[health].sign} ${health}`;

/** From this share of failed calls on, 0 to 1, an edge is bad: a shop that loses one order of a hundred is. */
const failedBad = 0.01;

/** From this many attempts per call on: under load the retry budget allows no more (`retryBudget`, 20 %). */
const attemptsBad = 1.2;

/** Fewer than that are single retries, such as after a connection that was closed. */
const attemptsWatched = 1.02;

/** Where one attempt takes as long as clients are promised a whole order takes, milliseconds, the promise cannot be kept. */
const slowBad = placeOrderObjective.latency.ms;

/** With less left for all else it soon cannot. */
const slowWatched = slowBad / 2;

/** The figures by which an edge is judged. */
export type Judged = Pick<MapEdge, 'kind' | 'failed' | 'p95_ms' | 'attempts' | 'breaker'>;

/** Something that is wrong with an edge, in words. */
interface Trouble {
  readonly health: 'watched' | 'bad';
  readonly text: string;
}

/** What is wrong with an edge, each by itself; nothing when it is well. */
export function troublesOf({ kind, failed, p95_ms: p95, attempts, breaker }: Judged): readonly Trouble[] {
  const found: Trouble[] = [];
  const note = (health: Trouble['health'], text: string) => found.push({ health, text });
  if (breaker === 'open') note('bad', 'the breaker is open');
  if (breaker === 'half_open') note('watched', 'the breaker is half open');
  if ((failed ?? 0) > 0)
    note((failed ?? 0) >= failedBad ? 'bad' : 'watched', `${shareText(failed)} of the calls fail`);
  if ((attempts ?? 1) > attemptsWatched)
    note((attempts ?? 1) >= attemptsBad ? 'bad' : 'watched', `${attemptsText(attempts)} attempts per call`);
  // events and statements have limits of their own
  if (kind === 'http' && (p95 ?? 0) > slowWatched)
    note(
      (p95 ?? 0) > slowBad ? 'bad' : 'watched',
      `slow: p95 ${millisecondsText(p95)}, of the ${millisecondsText(slowBad)} that a whole order may take`,
    );
  return found;
}

/** How much is wrong with an edge: 0 nothing, 1 what is to be watched, 2 what is bad. */
export function rankOf(edge: Judged): number {
  const troubles = troublesOf(edge);
  if (troubles.some(({ health }) => health === 'bad')) return 2;
  return troubles.length > 0 ? 1 : 0;
}

/** How an edge is. */
export function healthOf(edge: Judged & Pick<MapEdge, 'rate'>): Health {
  const rank = rankOf(edge);
  if (rank > 0) return rank > 1 ? 'bad' : 'watched';
  return (edge.rate ?? 0) > 0 ? 'well' : 'idle';
}

/**
 * The edges at which trouble begins: those that are not well, without those whose callee makes calls that are no better. What a
 * service waits for, its own callers wait for as well.
 */
export function beginnings(edges: readonly MapEdge[]): readonly MapEdge[] {
  const unwell = edges.filter((edge) => edge.kind === 'http' && rankOf(edge) > 0);
  return unwell.filter(
    (edge) => !unwell.some((further) => further.from === edge.to && rankOf(further) >= rankOf(edge)),
  );
}

/** What flows over each kind of edge. */
const flows: Readonly<Record<MapEdge['kind'], string>> = {
  http: 'calls',
  events: 'events',
  database: 'statements',
  cache: 'lookups',
};

/** What was done to an edge, or what its callee has come to. */
interface Badge {
  readonly text: string;
  /** As it fits on the map. */
  readonly short: string;
  readonly kind: 'fault' | 'watched' | 'plain';
}

/** Every badge of an edge. */
export function badgesOf(edge: MapEdge): readonly Badge[] {
  const breaker = edge.breaker === null || edge.breaker === 'closed' ? [] : [edge.breaker.replace('_', ' ')];
  return [
    ...edge.faults.map(
      (fault): Badge => ({ text: `fault: ${unbroken(fault)}`, short: 'fault', kind: 'fault' }),
    ),
    ...breaker.map((state): Badge => ({ text: `breaker ${state}`, short: state, kind: 'watched' })),
    ...(edge.ejected > 0
      ? [{ text: `${edge.ejected} ejected`, short: 'ejected', kind: 'watched' } satisfies Badge]
      : []),
    ...(edge.changed.length > 0
      ? [
          {
            text: `policy changed: ${edge.changed.join(', ')}`,
            short: 'policy',
            kind: 'plain',
          } satisfies Badge,
        ]
      : []),
  ];
}

/** An edge in one sentence, for who cannot see it. */
export function spoken(edge: MapEdge): string {
  const { from, to, kind, rate, failed, p95_ms: p95, attempts } = edge;
  return [
    `${from} to ${to}: ${healthOf(edge)}`,
    `${rateText(rate).replace('/s', '')} ${flows[kind]} per second`,
    ...(kind === 'http' ? [`${shareText(failed === null ? null : 1 - failed)} succeed`] : []),
    ...(p95 === null ? [] : [`95 of 100 within ${millisecondsText(p95)}`]),
    ...(kind === 'http' ? [`${attemptsText(attempts)} attempts per call`] : []),
    ...badgesOf(edge).map(({ text }) => text),
  ].join(', ');
}
