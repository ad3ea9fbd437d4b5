/** Databases and roles of the shop, and the statements that give them their rights, the same in both run modes. */
import { auditRole, type ServiceName, services } from '@microshop/topology';
import { privateSession } from './settings/postgres.ts';

/** A role that can log in. */
export interface Role {
  readonly name: string;
  /** Whose password it has. */
  readonly password: ServiceName | typeof auditRole;
  /** What its sessions begin with. */
  readonly settings: Readonly<Record<string, string>>;
  /** Roles whose rights it has. */
  readonly memberOf: readonly string[];
}

/** A service's database. */
export interface Database {
  readonly name: string;
  readonly owner: string;
}

/** The roles: one that reads everything and writes nothing, and that of each service. */
export const roles: readonly Role[] = [
  {
    name: auditRole,
    password: auditRole,
    settings: { ...privateSession, default_transaction_read_only: 'on' },
    memberOf: ['pg_read_all_data'],
  },
  ...services.map(
    ({ name, database }): Role => ({
      name: database.role,
      password: name,
      settings: privateSession,
      memberOf: [],
    }),
  ),
];

/** The databases: one for each service. */
export const databases: readonly Database[] = services.map(({ database }) => ({
  name: database.name,
  owner: database.role,
}));

/** What a role may do: nothing but log in, and what its settings and memberships say. May be said again. */
export function roleRights({ name, settings, memberOf }: Role): readonly string[] {
  const role = identifier(name);
  return [
    `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`,
    ...Object.entries(settings).map(([key, value]) => `ALTER ROLE ${role} SET ${key} = ${literal(value)}`),
    ...memberOf.map((group) => `GRANT ${identifier(group)} TO ${role}`),
  ];
}

/**
 * Who may connect to a database: its owner, and the role that reads everything. Everyone may connect to a new database unless
 * this is taken away; its owner keeps the right. May be said again.
 */
export function databaseRights({ name }: Database): readonly string[] {
  const database = identifier(name);
  return [
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${database} TO ${identifier(auditRole)}`,
  ];
}

/** Makes a database; it must not be there yet, and PostgreSQL takes this outside of a transaction only. */
export function makeDatabase({ name, owner }: Database): string {
  return `CREATE DATABASE ${identifier(name)} OWNER ${identifier(owner)}`;
}

/** The server's own databases are closed to the roles of the shop. */
export const serverDatabasesRights = 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC';

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
