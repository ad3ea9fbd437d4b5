/**
 * States that hurt those who use PostgreSQL: it refuses writes, as a server does that was just made a standby; it keeps commits
 * waiting, as one does whose standby is gone; or somebody has locked a table.
 *
 * The first two are a setting of the running server alone: its file is the plain one again before this returns, so a restart ends
 * them, whatever becomes of the runner. The third lasts as long as the sessions of the runner that hold it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { databases } from '@microshop/deploy/databases';
import type { Client } from 'pg';
import type { Impairment } from '../supervision/part.ts';

/** Work with a superuser's connection, outside of a transaction; another one each time. */
export type AsSuperuser = <T>(work: (client: Client) => Promise<T>) => Promise<T>;

/** A superuser's connection to a database, named in `pg_stat_activity`; who opens it ends it. */
export type OpenAsSuperuser = (database: string, applicationName: string) => Promise<Client>;

/** Time the server has to read its file again, milliseconds. */
const reloadLimitMs = 5000;

/** Pause between two polls, milliseconds. */
const pollEveryMs = 20;

interface Setting {
  readonly name: string;
  readonly value: string;
  /** What the server says of it otherwise. */
  readonly plain: string;
  /** SQL with one number, `hits`. */
  readonly count: string;
  readonly counted: string;
  /**
   * Whether it ends all sessions, as a failover does. One that is there reads the file only when its next statement comes,
   * and it is the plain one again by then; a new one has what the server itself has read.
   */
  readonly endsSessions?: true;
}

const endOthers = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;

function impairment(
  asSuperuser: AsSuperuser,
  { name, value, plain, count, counted, endsSessions }: Setting,
): Impairment {
  const current = () =>
    asSuperuser(async (client) => {
      const { rows } = await client.query<{ setting: string }>(
        'SELECT setting FROM pg_settings WHERE name = $1',
        [name],
      );
      return rows[0]?.setting;
    });
  const counter = () =>
    asSuperuser(async (client) => Number((await client.query<{ hits: string }>(count)).rows[0]?.hits ?? 0));
  const until = async (wanted: string) => {
    const end = performance.now() + reloadLimitMs;
    // each poll opens its own connection: an existing one applies a new setting only later
    while ((await current()) !== wanted) {
      if (performance.now() > end) throw new Error(`PostgreSQL did not set ${name} to '${wanted}'`);
      await delay(pollEveryMs);
    }
  };
  let before = 0;
  return {
    async begin() {
      before = await counter();
      await asSuperuser(async (client) => {
        await client.query(`ALTER SYSTEM SET ${name} = '${value}'`);
        await client.query('SELECT pg_reload_conf()');
      });
      try {
        await until(value);
      } finally {
        // a write by the server itself, which this state must not block
        await asSuperuser(async (client) => {
          await client.query('SET default_transaction_read_only = off');
          await client.query(`ALTER SYSTEM RESET ${name}`);
          if (endsSessions === true) await client.query(endOthers);
        });
      }
    },
    async end() {
      await asSuperuser((client) => client.query('SELECT pg_reload_conf()'));
      await until(plain);
    },
    async seen() {
      const [setting, now] = await Promise.all([current(), counter()]);
      return { in_effect: setting === value, hits: now - before, counted };
    },
  };
}

/** What the sessions that hold locks are called. */
const lockHolder = 'mesh-hold-locks';

/**
 * Every table `inbox` locked against writes, with the lock that `CREATE INDEX` takes. Consumers write there first, so that no event
 * takes effect; whoever asks reads on, and orders are placed.
 */
function heldLocks(asSuperuser: AsSuperuser, open: OpenAsSuperuser): Impairment {
  let holders: Client[] = [];
  const release = async () => {
    const held = holders;
    holders = [];
    // ending the session ends its transaction
    await Promise.all(held.map((client) => client.end().catch(() => undefined)));
  };
  const count = (text: string, ...values: string[]) =>
    asSuperuser(async (client) =>
      Number((await client.query<{ found: string }>(text, values)).rows[0]?.found ?? 0),
    );
  const rolledBack = () => count('SELECT sum(xact_rollback) AS found FROM pg_stat_database');
  const waiting = () =>
    count("SELECT count(*) AS found FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
  let before = 0;
  return {
    async begin() {
      // of a server that was killed meanwhile
      await release();
      before = await rolledBack();
      try {
        for (const { name } of databases) {
          const client = await open(name, lockHolder);
          holders.push(client);
          const { rowCount } = await client.query("SELECT WHERE to_regclass('inbox') IS NOT NULL");
          if (rowCount !== 0) await client.query('BEGIN; LOCK TABLE inbox IN SHARE MODE');
        }
      } catch (error) {
        await release();
        throw error;
      }
    },
    end: release,
    async seen() {
      const [held, now, wait] = await Promise.all([
        count(
          `SELECT count(*) AS found FROM pg_locks JOIN pg_stat_activity USING (pid)
           WHERE application_name = $1 AND mode = 'ShareLock' AND granted`,
          lockHolder,
        ),
        rolledBack(),
        waiting(),
      ]);
      const hits = now - before + wait;
      return { in_effect: held > 0, hits, counted: 'transactions waited or were rolled back' };
    },
  };
}

/** Every state that PostgreSQL can be put into. */
export function postgresImpairments(asSuperuser: AsSuperuser, open: OpenAsSuperuser) {
  return {
    'hold-locks': heldLocks(asSuperuser, open),
    'read-only': impairment(asSuperuser, {
      name: 'default_transaction_read_only',
      value: 'on',
      plain: 'off',
      count: 'SELECT sum(xact_rollback) AS hits FROM pg_stat_database',
      counted: 'transactions were rolled back',
      endsSessions: true,
    }),
    'hold-commits': impairment(asSuperuser, {
      name: 'synchronous_standby_names',
      value: 'none_of_this_name',
      plain: '',
      // it is written and flushed here; its client is answered when a standby has it too
      count: "SELECT count(*) AS hits FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
      counted: 'commits were waiting for their acknowledgement',
    }),
  };
}
