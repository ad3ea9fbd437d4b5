/** The rows of a waterfall: spans in the order of their tree, and the waits between them. */
import { attributes } from '@microshop/topology';
import { endOf, type Span, type SpanTree, spanTree } from './span.ts';

/** One row; times in microseconds since the epoch. */
export interface Row {
  readonly service: string;
  readonly label: string;
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
    label: nameOf(span) + noteOf(span),
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
    depth,
    endUs: span.start_us,
    type: 'wait',
    error: false,
  } as const;
  const outboxWaitMs = span.attributes[attributes.outboxWaitMs];
  if (span.kind === 'producer' && typeof outboxWaitMs === 'number') {
    return [
      { ...wait, label: 'wait in the outbox', startUs: span.start_us - Math.round(outboxWaitMs * 1000) },
    ];
  }
  if (span.kind === 'consumer' && parent?.kind === 'producer') {
    // the broker may deliver before it confirms: then nothing waited
    return [{ ...wait, label: 'wait in the queue', startUs: Math.min(endOf(parent), span.start_us) }];
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

/** What went wrong, or is worth a word: status, Envoy's response flags, error class, breaker. */
function noteOf(span: Span): string {
  const { attributes: known } = span;
  const status = Number(known['http.response.status_code'] ?? known['http.status_code'] ?? 0);
  const flags = known['response_flags'];
  const breaker = known[attributes.breakerState];
  const notes = [
    status >= 400 ? String(status) : '',
    typeof flags === 'string' && flags !== '-' ? flags : '',
    span.error ? String(known[attributes.errorClass] ?? '') : '',
    breaker === 'open' || breaker === 'half_open' ? `breaker ${breaker}` : '',
  ].filter((note) => note !== '');
  if (span.error) return ` ✗ ${notes.join(' ')}`.trimEnd();
  return notes.length === 0 ? '' : ` (${notes.join(' ')})`;
}
