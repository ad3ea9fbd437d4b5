/** How an edge is, by its figures: a word and a sign beside the colour. */
import type { MapEdge } from '@microshop/control/console/schemas';
import { attemptsText, millisecondsText, rateText, shareText } from '../look/format.ts';

/** How an edge or a place is. */
export type Health = 'good' | 'warn' | 'bad' | 'idle';

/** Each with its sign and word, as the legend shows them. */
export const healths: Readonly<Record<Health, { readonly sign: string; readonly word: string }>> = {
  good: { sign: '✓', word: 'well' },
  warn: { sign: '!', word: 'some calls fail or are retried' },
  bad: { sign: '✗', word: 'many calls fail or are retried, or a breaker is open' },
  idle: { sign: '·', word: 'no traffic' },
};

/** From this share of failed calls on, 0 to 1, an edge is bad: a shop that loses one order of a hundred is. */
const failedBad = 0.01;

/** From this many attempts per call on: under load the retry budget allows no more (`retryBudget`, 20 %). */
const attemptsBad = 1.2;

/** Fewer than that are single retries, such as after a connection that was closed. */
const attemptsWarn = 1.02;

/** How an edge is. */
export function healthOf({ rate, failed, attempts, breaker }: MapEdge): Health {
  if (breaker === 'open' || (failed ?? 0) >= failedBad || (attempts ?? 1) >= attemptsBad) return 'bad';
  if (breaker === 'half_open' || (failed ?? 0) > 0 || (attempts ?? 1) > attemptsWarn) return 'warn';
  return (rate ?? 0) > 0 ? 'good' : 'idle';
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
  readonly kind: 'fault' | 'warn' | 'plain';
}

/** Every badge of an edge. */
export function badgesOf(edge: MapEdge): readonly Badge[] {
  const breaker = edge.breaker === null || edge.breaker === 'closed' ? [] : [edge.breaker.replace('_', ' ')];
  return [
    ...edge.faults.map((fault): Badge => ({ text: `fault: ${fault}`, short: 'fault', kind: 'fault' })),
    ...breaker.map((state): Badge => ({ text: `breaker ${state}`, short: state, kind: 'warn' })),
    ...(edge.ejected > 0
      ? [{ text: `${edge.ejected} ejected`, short: 'ejected', kind: 'warn' } satisfies Badge]
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
    `${from} to ${to}: ${healths[healthOf(edge)].word}`,
    `${rateText(rate).replace('/s', '')} ${flows[kind]} per second`,
    ...(kind === 'http' ? [`${shareText(failed === null ? null : 1 - failed)} succeed`] : []),
    ...(p95 === null ? [] : [`95 of 100 within ${millisecondsText(p95)}`]),
    ...(kind === 'http' ? [`${attemptsText(attempts)} attempts per call`] : []),
    ...badgesOf(edge).map(({ text }) => text),
  ].join(', ');
}
