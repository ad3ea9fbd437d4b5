/** Databases and roles of the shop: makes what deploy/src/databases.ts describes. */
import {
  databaseRights,
  databases,
  makeDatabase,
  type Role,
  roleRights,
  roles,
  serverDatabasesRights,
} from '@microshop/deploy/databases';
import { type ClientBase, escapeIdentifier, escapeLiteral } from 'pg';

/** The password of a role, by the name of the password. */
export type RolePassword = (of: Role['password']) => Promise<string>;

/**
 * Makes each service's database, owned by its role, and the audit role. A role can connect to its own database and
 * to no other, not even `postgres`; the audit role can connect to all of the shop's and read everything there.
 * Idempotent: passwords and rights are set again. `client` is a superuser's connection, outside of a transaction.
 */
export async function ensureRolesAndDatabases(client: ClientBase, passwordOf: RolePassword): Promise<void> {
  for (const role of roles) {
    const name = escapeIdentifier(role.name);
    const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role.name]);
    if (known.rowCount === 0) await client.query(`CREATE ROLE ${name}`);
    const password = await passwordOf(role.password);
    await client.query(`ALTER ROLE ${name} PASSWORD ${escapeLiteral(password)}`);
    for (const statement of roleRights(role)) await client.query(statement);
  }
  for (const database of databases) {
    const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [database.name]);
    if (known.rowCount === 0) await client.query(makeDatabase(database));
    for (const statement of databaseRights(database)) await client.query(statement);
  }
  await client.query(serverDatabasesRights);
}
