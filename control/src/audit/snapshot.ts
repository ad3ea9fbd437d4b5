/** One read-only snapshot of a service's database, read as the audit role. */
import { type ServiceName, serviceNamed } from '@microshop/topology';
import pg from 'pg';
import type { AuditSources } from './sources.ts';

/** A connection whose every statement sees the database at one moment: that of {@link openSnapshot}. */
export interface Snapshot {
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** The rows of a statement, some thousands at a time: what it says is never held whole. */
  pages<Row>(text: string): AsyncGenerator<Row[]>;
  end(): Promise<void>;
}

/** Time to connect, and for one statement, milliseconds. */
const connectTimeoutMs = 3000;
const statementTimeoutMs = 30_000;

/** Rows of a page. */
const pageSize = 5000;

/**
 * What a sum or a sort of an audit may use in the server. The default of 4 MB spills a million rows to disk; the planner is
 * told that whoever opens a cursor reads it to its end.
 */
const settings = `set local work_mem = '32MB'; set local cursor_tuple_fraction = 1`;

/** Connects, and takes the snapshot before it resolves, so that the order of several of them is known. */
export async function openSnapshot(sources: AuditSources, service: ServiceName): Promise<Snapshot> {
  const client = new pg.Client({
    ...sources.postgres,
    ...(await sources.databaseCredentials()),
    database: serviceNamed(service).database.name,
    application_name: 'audit',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
  });
  // a server that ends meanwhile fails the query; without a listener it would end this process
  client.on('error', () => undefined);
  const end = () => client.end().catch(() => undefined);

  // One statement after the other, whoever asks: of those that come while one runs, the driver warns on standard error.
  let before: Promise<unknown> = Promise.resolve();
  async function query<Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
    const answer = before.then(() => client.query<Row & Record<string, unknown>>(text, [...params]));
    before = answer.catch(() => undefined);
    return (await answer).rows;
  }

  let cursors = 0;
  async function* pages<Row>(text: string): AsyncGenerator<Row[]> {
    cursors += 1;
    const cursor = `page_${cursors}`;
    await query(`declare ${cursor} no scroll cursor for ${text}`);
    for (;;) {
      const rows = await query<Row>(`fetch ${pageSize} from ${cursor}`);
      if (rows.length > 0) yield rows;
      if (rows.length < pageSize) break;
    }
    await query(`close ${cursor}`);
  }

  try {
    await client.connect();
    await query('begin isolation level repeatable read read only');
    await query(settings);
    // `begin` takes no snapshot, the first statement does
    await query('select 1 from pg_class limit 1');
  } catch (error) {
    await end();
    throw error;
  }
  return { query, pages, end };
}

/** Runs the work in a snapshot of its own. */
export async function inSnapshot<T>(
  sources: AuditSources,
  service: ServiceName,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const snapshot = await openSnapshot(sources, service);
  try {
    return await work(snapshot);
  } finally {
    await snapshot.end();
  }
}
