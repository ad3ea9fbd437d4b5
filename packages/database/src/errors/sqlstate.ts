/** Every class of SQLSTATE (PostgreSQL 18, appendix A), and the codes that mean something else than their class. */
import type { ErrorKind } from './kinds.ts';

/** What one class or code is taken for. */
export interface Verdict {
  readonly kind: ErrorKind;
  /** Its name in the appendix. */
  readonly name: string;
  readonly why: string;
}

/** By class: the first two characters of a code. */
export const sqlstateClasses: Readonly<Record<string, Verdict>> = {
  '00': { kind: 'defect', name: 'successful completion', why: 'no error; never sent as one' },
  '01': { kind: 'defect', name: 'warning', why: 'no error; never sent as one' },
  '02': { kind: 'defect', name: 'no data', why: 'no error; never sent as one' },
  '03': { kind: 'defect', name: 'SQL statement not yet complete', why: 'not used by a client like ours' },
  '08': {
    kind: 'unavailable',
    name: 'connection exception',
    why: 'the connection is lost, or a pooler has none',
  },
  '09': { kind: 'defect', name: 'triggered action exception', why: 'a trigger is written wrongly' },
  '0A': {
    kind: 'defect',
    name: 'feature not supported',
    why: 'the statement uses a feature the server does not have',
  },
  '0B': {
    kind: 'defect',
    name: 'invalid transaction initiation',
    why: 'the statement is in the wrong place',
  },
  '0F': { kind: 'defect', name: 'locator exception', why: 'the statement is wrong' },
  '0L': { kind: 'defect', name: 'invalid grantor', why: 'the statement is wrong' },
  '0P': {
    kind: 'defect',
    name: 'invalid role specification',
    why: 'the statement names a role that does not exist',
  },
  '0Z': { kind: 'defect', name: 'diagnostics exception', why: 'a function is written wrongly' },
  '10': { kind: 'defect', name: 'XQuery error', why: 'the statement is wrong' },
  '20': { kind: 'defect', name: 'case not found', why: 'a function is written wrongly' },
  '21': { kind: 'defect', name: 'cardinality violation', why: 'a subquery gave more rows than it may' },
  '22': {
    kind: 'input',
    name: 'data exception',
    why: 'a value is out of range, too long, or not of its type',
  },
  '23': { kind: 'input', name: 'integrity constraint violation', why: 'the values break a constraint' },
  '24': { kind: 'defect', name: 'invalid cursor state', why: 'the statement is in the wrong place' },
  '25': { kind: 'defect', name: 'invalid transaction state', why: 'the statement is in the wrong place' },
  '26': { kind: 'defect', name: 'invalid SQL statement name', why: 'the prepared statement does not exist' },
  '27': { kind: 'defect', name: 'triggered data change violation', why: 'a trigger is written wrongly' },
  '28': {
    kind: 'unavailable',
    name: 'invalid authorization specification',
    why: 'the login is refused: password, NOLOGIN, pg_hba.conf',
  },
  '2B': {
    kind: 'defect',
    name: 'dependent privilege descriptors still exist',
    why: 'the statement is wrong',
  },
  '2D': {
    kind: 'defect',
    name: 'invalid transaction termination',
    why: 'the statement is in the wrong place',
  },
  '2F': { kind: 'defect', name: 'SQL routine exception', why: 'a function is written wrongly' },
  '34': { kind: 'defect', name: 'invalid cursor name', why: 'the statement is wrong' },
  '38': { kind: 'defect', name: 'external routine exception', why: 'a function is written wrongly' },
  '39': {
    kind: 'defect',
    name: 'external routine invocation exception',
    why: 'a function is written wrongly',
  },
  '3B': { kind: 'defect', name: 'savepoint exception', why: 'the statement is in the wrong place' },
  '3D': {
    kind: 'unavailable',
    name: 'invalid catalog name',
    why: 'the database was renamed, dropped, or not created yet',
  },
  '3F': {
    kind: 'unavailable',
    name: 'invalid schema name',
    why: 'the schema was renamed, or is being restored',
  },
  '40': {
    kind: 'contended',
    name: 'transaction rollback',
    why: 'two transactions conflicted: serialization, deadlock',
  },
  '42': { kind: 'defect', name: 'syntax error or access rule violation', why: 'the statement is wrong' },
  '44': { kind: 'input', name: 'WITH CHECK OPTION violation', why: 'the values are not those a view shows' },
  '53': {
    kind: 'unavailable',
    name: 'insufficient resources',
    why: 'disk, memory or connections have run out',
  },
  '54': {
    kind: 'input',
    name: 'program limit exceeded',
    why: 'a value is too large for an index, a row, a statement',
  },
  '55': {
    kind: 'unavailable',
    name: 'object not in prerequisite state',
    why: 'the database takes no connections, or an object is in use',
  },
  '57': {
    kind: 'unavailable',
    name: 'operator intervention',
    why: 'the server is stopped, starts, or ended the connection',
  },
  '58': { kind: 'unavailable', name: 'system error', why: 'the server cannot read or write its files' },
  '72': {
    kind: 'contended',
    name: 'snapshot failure',
    why: 'the transaction took too long (up to PostgreSQL 16)',
  },
  F0: { kind: 'unavailable', name: 'configuration file error', why: 'the server is set up wrongly' },
  HV: { kind: 'defect', name: 'foreign data wrapper error', why: 'none is used' },
  P0: { kind: 'input', name: 'PL/pgSQL error', why: 'a trigger refuses the values (RAISE)' },
  XX: {
    kind: 'unavailable',
    name: 'internal error',
    why: 'the server is damaged: a person has to repair it, waiting messages are kept',
  },
};

/** Codes that mean something else than their class. */
export const sqlstateCodes: Readonly<Record<string, Verdict>> = {
  '25006': {
    kind: 'unavailable',
    name: 'read only SQL transaction',
    why: 'a standby, or set read-only by an operator or because the disk is full',
  },
  '25P03': {
    kind: 'unavailable',
    name: 'idle in transaction session timeout',
    why: 'the server ended the connection',
  },
  '25P04': { kind: 'contended', name: 'transaction timeout', why: 'this transaction took too long' },
  '42501': {
    kind: 'unavailable',
    name: 'insufficient privilege',
    why: 'a right was revoked: on the database, a schema, a table',
  },
  '42P01': {
    kind: 'unavailable',
    name: 'undefined table',
    why: 'the table is renamed or being restored, or a migration was undone',
  },
  '42703': {
    kind: 'unavailable',
    name: 'undefined column',
    why: 'the tables are not those of this version: a migration was undone',
  },
  '42704': {
    kind: 'unavailable',
    name: 'undefined object',
    why: 'as undefined table, of a type or an index',
  },
  '42883': { kind: 'unavailable', name: 'undefined function', why: 'as undefined table, of a function' },
  '55P02': { kind: 'defect', name: 'cannot change runtime parameter', why: 'the statement is wrong' },
  '55P03': { kind: 'contended', name: 'lock not available', why: 'another transaction holds the lock' },
  '55P04': {
    kind: 'defect',
    name: 'unsafe new enum value usage',
    why: 'the statement is in the wrong place',
  },
  '57014': {
    kind: 'contended',
    name: 'query canceled',
    why: 'this statement took too long, or was cancelled',
  },
  P0004: { kind: 'defect', name: 'assert failure', why: 'a function is written wrongly' },
};
