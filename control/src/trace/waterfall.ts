/**
 * A trace as a waterfall: a row for each span in the order of their tree and for the waits between them, on a time axis
 * that is proportional but for long stretches in which no span is open.
 */
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
  /** `wait`: no span is open, an event is in the outbox or in a queue. */
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

/** The words of a row in so many letters: the name is cut before status and flags, further details before the name. */
export function labelOf({ name, outcome, detail }: Row, width: number): string {
  const label = cut(name, width - outcome.length) + outcome;
  const room = width - [...label].length;
  // less than a word has no meaning
  return detail.length <= room || room > 6 ? label + cut(detail, room) : label;
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

/** A stretch of time, microseconds. */
export interface Interval {
  readonly startUs: number;
  readonly endUs: number;
}

/** A time axis of a fixed width. */
export interface Axis {
  /** Column of a time, 0 to the width; not rounded. */
  column(us: number): number;
  /** Stretches that were cut short, by their columns and true length. */
  readonly breaks: readonly {
    readonly fromColumn: number;
    readonly toColumn: number;
    readonly lengthUs: number;
  }[];
}

/** A pause longer than this part of all work is cut: beyond it the work itself could no longer be seen. */
const longestPause = 0.5;

/** Columns of a pause that is cut. */
const breakColumns = 2;

/** An axis on which the work of `busy` fills `width` columns. */
export function timeAxis(busy: readonly Interval[], width: number): Axis {
  const stretches = merged(busy);
  const first = stretches[0]?.startUs ?? 0;
  const workUs = stretches.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const limitUs = Math.max(1, workUs * longestPause);

  // pieces of the axis: the time where each begins, and how wide it is
  const pauses = stretches.flatMap((next, index) => {
    const before = stretches[index - 1];
    return before === undefined ? [] : [{ startUs: before.endUs, endUs: next.startUs }];
  });
  const cut = pauses.filter(({ startUs, endUs }) => endUs - startUs > limitUs);
  const last = stretches.at(-1)?.endUs ?? 1;
  const cutUs = cut.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const scale = Math.max(0, width - cut.length * breakColumns) / Math.max(1, last - first - cutUs);

  const column = (us: number): number => {
    let at = Math.max(first, Math.min(us, last));
    let columns = 0;
    for (const { startUs, endUs } of cut) {
      if (us <= startUs) break;
      const inside = Math.min(us, endUs) - startUs;
      at -= inside;
      columns += (inside / (endUs - startUs)) * breakColumns;
    }
    return (at - first) * scale + columns;
  };
  return {
    column,
    breaks: cut.map(({ startUs, endUs }) => ({
      fromColumn: column(startUs),
      toColumn: column(endUs),
      lengthUs: endUs - startUs,
    })),
  };
}

/** Intervals that touch or overlap as one, in order. */
function merged(intervals: readonly Interval[]): readonly Interval[] {
  const inOrder = [...intervals].sort((one, other) => one.startUs - other.startUs);
  const stretches: { startUs: number; endUs: number }[] = [];
  for (const { startUs, endUs } of inOrder) {
    const current = stretches.at(-1);
    if (current !== undefined && startUs <= current.endUs) current.endUs = Math.max(current.endUs, endUs);
    else stretches.push({ startUs, endUs });
  }
  return stretches;
}
