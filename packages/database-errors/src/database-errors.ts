/** Tells what passes by itself (a database that is away, transactions that met) from a statement that is wrong. */

/** Codes of Node's sockets when the server is not there. */
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/**
 * SQLSTATE classes and codes of a server that cannot serve now: 08 connection exception, 53 insufficient resources,
 * 57P operator intervention, 57014 statement timeout (PostgreSQL documentation, appendix A).
 */
const away = /^(08|53|57P)|^57014$/;

/** SQLSTATE of transactions that met: class 40 transaction rollback (serialization, deadlock), 55P03 lock not available. */
const met = /^40|^55P03$/;

/** What `pg` and its pool say, without any code, when a connection cannot be had or is lost. */
const messages =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/i;

/** Whether it holds for the code of the error, of one it was caused by, or of one it is made of. */
function holds(error: unknown, of: (code: string, message: string) => boolean): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    const code = 'code' in one && typeof one.code === 'string' ? one.code : '';
    if (of(code, one.message)) return true;
    if (one instanceof AggregateError && one.errors.some((part) => holds(part, of))) return true;
  }
  return false;
}

/** Whether the database is away or overloaded: the caller is told 503. */
export function isDatabaseAway(error: unknown): boolean {
  return holds(error, (code, message) => socketCodes.has(code) || away.test(code) || messages.test(message));
}

/** Whether the same transaction can succeed when it is tried again: the database is away, or two transactions met. */
export function isTransient(error: unknown): boolean {
  return isDatabaseAway(error) || holds(error, (code) => met.test(code));
}
