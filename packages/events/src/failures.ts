/** Tells failures that pass from failures that stay. */

/** Thrown by a handler when a message can never take effect; it goes to the dead-letter queue with this reason. */
export class PermanentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PermanentError';
  }
}

/**
 * SQLSTATE classes that pass by themselves (PostgreSQL documentation, appendix A): 08 connection exception,
 * 40 transaction rollback (serialization, deadlock), 53 insufficient resources, 57 operator intervention,
 * 55P03 lock not available.
 */
const transientSqlState = /^(08|40|53|57)[0-9A-Z]{3}$|^55P03$/;

/** Codes of Node's sockets when a server is not there. */
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** What `pg` and its pool say, without any code, when a connection cannot be had or is lost. */
const messages =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error/i;

/** Whether trying again can help: the database is away, or two transactions met. */
export function isTransient(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    const code = 'code' in one && typeof one.code === 'string' ? one.code : '';
    if (transientSqlState.test(code) || socketCodes.has(code) || messages.test(one.message)) return true;
  }
  return false;
}
