/** Databases and roles of the shop, for both run modes. */

import { privateSession } from '@microshop/deploy/settings/postgres';
import { auditRole, type ServiceName, services } from '@microshop/topology';
import { type ClientBase, escapeIdentifier, escapeLiteral } from 'pg';

/** The password of a service's role, or of the audit role. */
export type RolePassword = (of: ServiceName | 'audit') => Promise<string>;

/**
 * Makes each service's database, owned by its role, and the audit role. A role can connect to its own database and
 * to no other, not even `postgres`; the audit role can connect to all of the shop's and read everything there.
 * Idempotent: passwords and rights are set again. `client` is a superuser's connection, outside of a transaction.
 */
export async function ensureRolesAndDatabases(client: ClientBase, passwordOf: RolePassword): Promise<void> {
  const audit = escapeIdentifier(auditRole);
  await ensureRole(client, auditRole, await passwordOf('audit'));
  await client.query(`ALTER ROLE ${audit} SET default_transaction_read_only = on`);
  await client.query(`GRANT pg_read_all_data TO ${audit}`);

  for (const { name, database } of services) {
    await ensureRole(client, database.role, await passwordOf(name));
    const owned = escapeIdentifier(database.name);
    const role = escapeIdentifier(database.role);
    const known = await client.query('SELECT FROM pg_database WHERE datname = $1', [database.name]);
    if (known.rowCount === 0) await client.query(`CREATE DATABASE ${owned} OWNER ${role}`);
    // everyone may connect to a new database unless this is taken away; its owner keeps the right
    await client.query(`REVOKE ALL ON DATABASE ${owned} FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${owned} TO ${audit}`);
  }
  await client.query('REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC');
}

async function ensureRole(client: ClientBase, name: string, password: string): Promise<void> {
  const role = escapeIdentifier(name);
  const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (known.rowCount === 0) await client.query(`CREATE ROLE ${role}`);
  await client.query(
    `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD ${escapeLiteral(password)}`,
  );
  for (const [setting, value] of Object.entries(privateSession)) {
    await client.query(`ALTER ROLE ${role} SET ${setting} = ${escapeLiteral(value)}`);
  }
}
