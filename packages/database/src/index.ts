/** A service's own PostgreSQL: MikroORM for the model, plain SQL next to it, migrations, and what the pool measures. */
export type { EntityManager } from '@mikro-orm/postgresql';
export { type Database, type DatabaseOptions, openDatabase } from './database.ts';
export type { NamedMigration } from './migrate.ts';
export { connectionTimeoutMs } from './orm.ts';
export { rfc3339, type Sql, type TransactionalSql } from './sql.ts';
