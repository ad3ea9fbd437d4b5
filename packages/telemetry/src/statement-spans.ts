/**
 * The span and the duration of each SQL statement that is sent in a trace. `@opentelemetry/instrumentation-pg` finds the client of `pg`
 * and says when it is loaded; what it does at each statement is replaced: it copies the statement, parses its text, fills attributes
 * that nothing reads and waits through four promises, every time for the same few statements.
 */
import { messageWithoutValues } from '@microshop/database/errors';
import {
  type Attributes,
  context,
  type Histogram,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { statementText } from './statement.ts';

/** The part of a client of `pg` that is looked at. */
interface Client {
  readonly database?: unknown;
}

/** What spans and durations of a statement say, the same each time. */
interface Described {
  readonly name: string;
  readonly onSpan: Attributes;
  readonly onDuration: Attributes;
}

/** Changes nothing and waits for nothing: of the statements that open a transaction only one that fails has a span. */
const opensTransaction = /^BEGIN\b/;

/** Statements that are remembered; the services have some forty. */
const remembered = 200;

/** Clients whose statements make spans. */
const traced = new WeakSet<object>();

/** `INSERT orders_db`; statements may begin with a line break. A value that was not bound does not get into it. */
function describe(database: string | undefined, text: string): Described {
  const operation = /^\s*([a-z]+)/i.exec(text)?.[1]?.toUpperCase();
  const onDuration: Attributes = { 'db.system.name': 'postgresql' };
  if (database !== undefined) onDuration['db.namespace'] = database;
  if (operation !== undefined) onDuration['db.operation.name'] = operation;
  return {
    name: [operation ?? 'query', database].join(' ').trim(),
    onSpan: { ...onDuration, 'db.query.text': statementText(text) },
    onDuration,
  };
}

/** Makes spans of statements that have a parent: pollers would make root traces by the hundred. */
export class StatementInstrumentation extends PgInstrumentation {
  readonly #known = new Map<string, Described>();
  #durations: Histogram | undefined;

  /**
   * Without the part about pools: its counters of connections cost a service that mostly asks its database 2 % of its CPU, and the
   * database package tells the same when metrics are collected (`pool-metrics.ts`).
   */
  protected override init() {
    const trace = (client: unknown) => {
      if (typeof client !== 'function' || traced.has(client)) return;
      traced.add(client);
      this.#traceClient(client.prototype);
    };
    return super
      .init()
      .filter(({ name }) => name === 'pg')
      .map((definition) => {
        definition.patch = (loaded) => {
          trace(loaded.Client ?? loaded.default?.Client);
          return loaded;
        };
        definition.unpatch = undefined;
        definition.files = [];
        return definition;
      });
  }

  /** Those of the base class are about what it does itself. */
  override _updateMetricInstruments(): void {}

  #traceClient(prototype: { query?: unknown }): void {
    const { query } = prototype;
    if (typeof query !== 'function') return;
    const begin = (client: Client, args: readonly unknown[]) => this.#begin(client, args);
    prototype.query = function tracedQuery(this: Client, ...args: unknown[]): unknown {
      const end = begin(this, args);
      if (end === undefined) return Reflect.apply(query, this, args);
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        const bound = context.bind(context.active(), callback);
        args[args.length - 1] = (error: unknown, ...results: unknown[]) => {
          end(error);
          return bound(error, ...results);
        };
        return Reflect.apply(query, this, args);
      }
      const result = Reflect.apply(query, this, args);
      if (!(result instanceof Promise)) {
        end(undefined);
        return result;
      }
      return result.then(
        (rows) => {
          end(undefined);
          return rows;
        },
        (error) => {
          end(error);
          throw error;
        },
      );
    };
  }

  /** Begins the span of a statement; what it gives ends it, with the error if it failed. Undefined where there is none. */
  #begin({ database }: Client, [statement]: readonly unknown[]): ((error: unknown) => void) | undefined {
    const active = context.active();
    const text = textOf(statement);
    if (text === undefined || trace.getSpan(active) === undefined) return undefined;
    const { name, onSpan, onDuration } = this.#describe(
      typeof database === 'string' ? database : undefined,
      text,
    );
    const began = performance.now();
    const options = { kind: SpanKind.CLIENT, attributes: onSpan };
    const span = opensTransaction.test(name) ? undefined : this.tracer.startSpan(name, options, active);
    return (error) => {
      const failed = error !== undefined && error !== null;
      // a given start time makes the span's end precise to the millisecond only
      if (failed) fail(span ?? this.tracer.startSpan(name, { ...options, startTime: began }, active), error);
      else span?.end();
      this.#durations ??= this.meter.createHistogram('db.client.operation.duration', {
        description: 'Duration of database client operations.',
        unit: 's',
      });
      this.#durations.record((performance.now() - began) / 1000, onDuration);
    };
  }

  #describe(database: string | undefined, text: string): Described {
    const key = database === undefined ? text : `${database} ${text}`;
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const described = describe(database, text);
    if (this.#known.size >= remembered) this.#known.clear();
    this.#known.set(key, described);
    return described;
  }
}

/** Of the ways to give a statement those that have a text; a cursor has none. */
function textOf(statement: unknown): string | undefined {
  if (typeof statement === 'string') return statement;
  if (typeof statement !== 'object' || statement === null || !('text' in statement)) return undefined;
  return typeof statement.text === 'string' ? statement.text : undefined;
}

/** Says on the span what went wrong, without the values that PostgreSQL quotes, and ends it. */
function fail(span: Span, error: unknown): void {
  const message = messageWithoutValues(error instanceof Error ? error.message : String(error));
  const type = codeOf(error) ?? (error instanceof Error ? error.name : 'Error');
  span.setAttribute('error.type', type);
  span.recordException({ name: type, message });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
