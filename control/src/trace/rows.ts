/** The rows of a waterfall: spans in the order of their tree, and the waits between them. */
import { attributes } from '@microshop/topology';
import { endOf, type Span, type SpanTree, spanTree } from './span.ts';

/** One row; times in microseconds since the epoch. */
export interface Row {
  readonly service: string;
  /** What it is. */
  readonly name: string;
  /** How it ended, if that is worth a word: ` ✗ 503 UF`; else empty. */
  readonly outcome: string;
  /** What else went wrong: ` dependency_timeout`; else empty. */
  readonly detail: string;
  readonly depth: number;
  readonly startUs: number;
  readonly endUs: number;
  /** `wait`: nobody works, an event lies in the outbox or in a queue. */
  readonly type: 'span' | 'wait';
  readonly error: boolean;
}

/** Rows of a trace, roots first, then what has lost its parent. */
export function traceRows(spans: readonly Span[]): readonly Row[] {
  const tree = spanTree(spans);
  return [...tree.roots, ...tree.orphans].flatMap((top) => rowsBelow(top, undefined, 0, tree));
}

function rowsBelow(span: Span, parent: Span | undefined, depth: number, tree: SpanTree): Row[] {
  const row: Row = {
    service: instanceOf(span),
    name: nameOf(span),
    ...noteOf(span),
    depth,
    startUs: span.start_us,
    endUs: endOf(span),
    type: 'span',
    error: span.error,
  };
  const children = tree.childrenOf(span).flatMap((child) => rowsBelow(child, span, depth + 1, tree));
  return [...waitBefore(span, parent, depth), row, ...children];
}

/** The wait that ends with this span: in the outbox before it is published, in the queue before it is processed. */
function waitBefore(span: Span, parent: Span | undefined, depth: number): Row[] {
  const wait = {
    service: instanceOf(span),
    outcome: '',
    detail: '',
    depth,
    endUs: span.start_us,
    type: 'wait',
    error: false,
  } as const;
  const outboxWaitMs = span.attributes[attributes.outboxWaitMs];
  if (span.kind === 'producer' && typeof outboxWaitMs === 'number') {
    return [
      { ...wait, name: 'wait in the outbox', startUs: span.start_us - Math.round(outboxWaitMs * 1000) },
    ];
  }
  if (span.kind === 'consumer' && parent?.kind === 'producer') {
    // the broker may deliver before it confirms: then nothing waited
    return [{ ...wait, name: 'wait in the queue', startUs: Math.min(endOf(parent), span.start_us) }];
  }
  return [];
}

/** Which replica wrote it. */
function instanceOf({ attributes: known, service }: Span): string {
  const instance = known['service.instance.id'];
  return typeof instance === 'string' ? instance : service;
}

/**
 * The first table a statement writes to, else the first it reads: neither what WITH names nor a function, and the `update`
 * that locks rows (`for no key update`) writes nothing.
 */
function tableOf(query: string): string | undefined {
  const within = new Set([...query.matchAll(/\b(\w+)\s+as\s*\(/gi)].map(([, name]) => name));
  const named = (words: string) =>
    [...query.matchAll(new RegExp(`\\b(?:${words})\\s+"?(\\w+)\\b"?(?!\\s*\\(\\s*\\$)`, 'gi'))]
      .map(([, name]) => name)
      .find((name) => !within.has(name));
  return named('insert into|(?<!\\bfor |\\bkey )update|delete from') ?? named('from');
}

/** A command of Redis says so; a statement of PostgreSQL that begins with WITH is named by its table. */
function nameOf({ name, attributes: known }: Span): string {
  if (known['db.system.name'] === 'redis') return `redis ${name}`;
  const query = known['db.query.text'];
  if (known['db.operation.name'] !== 'WITH' || typeof query !== 'string') return name;
  const table = tableOf(query);
  return table === undefined ? name : `${name}.${table}`;
}

/** The words of a row in so many letters: the name is cut before status and flags, what else is told before the name. */
export function labelOf({ name, outcome, detail }: Row, width: number): string {
  const told = cut(name, width - outcome.length) + outcome;
  const room = width - [...told].length;
  // of less than a word nobody could tell what it says
  return detail.length <= room || room > 6 ? told + cut(detail, room) : told;
}

function cut(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** What went wrong, or is worth a word: status and Envoy's response flags; then error class, and breaker. */
function noteOf(span: Span): Pick<Row, 'outcome' | 'detail'> {
  const { attributes: known } = span;
  const status = Number(known['http.response.status_code'] ?? known['http.status_code'] ?? 0);
  const flags = known['response_flags'];
  const breaker = known[attributes.breakerState];
  const errorClass = span.error ? String(known[attributes.errorClass] ?? '') : '';
  const outcome = [
    status >= 400 ? String(status) : '',
    typeof flags === 'string' && flags !== '-' ? flags : '',
  ].filter((word) => word !== '');
  const isOpen = (breaker === 'open' || breaker === 'half_open') && errorClass !== `breaker_${breaker}`;
  const detail = [errorClass, isOpen ? `breaker ${breaker}` : ''].filter((word) => word !== '');
  const behind = (words: readonly string[]) => words.map((word) => ` ${word}`).join('');
  if (span.error) return { outcome: ` ✗${behind(outcome)}`, detail: behind(detail) };
  const all = [...outcome, ...detail].join(' ');
  return { outcome: all === '' ? '' : ` (${all})`, detail: '' };
}
