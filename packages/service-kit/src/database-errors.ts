/** Tells a database that is away from a statement that is wrong. */

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

/** What `pg` and its pool say, without any code, when a connection cannot be had or is lost. */
const messages =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/i;

/** Whether the error, or one it was caused by, says that the database is away or overloaded. */
export function isDatabaseAway(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    const code = 'code' in one && typeof one.code === 'string' ? one.code : '';
    if (socketCodes.has(code) || away.test(code) || messages.test(one.message)) return true;
    if (one instanceof AggregateError && one.errors.some(isDatabaseAway)) return true;
  }
  return false;
}
