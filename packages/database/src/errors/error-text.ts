/** What may be logged of an error: what went wrong and where, never the values it went wrong with. */

/** What stands before a name of the schema in PostgreSQL's messages; whatever else is quoted there is a value. */
const nameFollows =
  /\b(?:constraint|relation|column|table|index|database|role|user|schema|sequence|type|policy) $/;

/** A message without the values in it: everything from the first quoted value to the last quote becomes `"?"`. */
export function messageWithoutValues(message: string): string {
  const last = message.lastIndexOf('"');
  for (let from = message.indexOf('"'); from !== -1; ) {
    const end = message.indexOf('"', from + 1);
    if (end === -1) return `${message.slice(0, from)}"?"`;
    if (!nameFollows.test(message.slice(0, from))) {
      return `${message.slice(0, from)}"?"${message.slice(last + 1)}`;
    }
    from = message.indexOf('"', end + 1);
  }
  return message;
}

/**
 * Members of errors that are logged; all of them name parts of the system. `detail`, `where`, `hint` and `command`
 * hold values.
 */
const loggedMembers = [
  'code',
  'errno',
  'syscall',
  'address',
  'port',
  'severity',
  'schema',
  'table',
  'column',
  'dataType',
  'constraint',
  'routine',
  'statusCode',
  'status',
  'errorClass',
  'peer',
] as const;

/** SQLSTATE: the errors of PostgreSQL, and MikroORM's of the same. */
const sqlState = /^[0-9A-Z]{5}$/;

/** Whether the message can quote data: PostgreSQL's can, and those of parsers (`JSON.parse` shows the text). */
function quotes(error: Error): boolean {
  if (error instanceof SyntaxError) return true;
  return (
    'code' in error && typeof error.code === 'string' && sqlState.test(error.code) && 'severity' in error
  );
}

/** The message of an error as it may be logged. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `not an error (${typeof error})`;
  return quotes(error) ? messageWithoutValues(error.message) : error.message;
}

/** Causes that are followed. */
const maxDepth = 5;

/** An error as it may be logged. */
export interface LoggableError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: LoggableError;
  /** Of an `AggregateError`. */
  readonly errors?: readonly LoggableError[];
  readonly [member: string]: unknown;
}

/** An error for a log: its message without values, where it came from, and the members that name parts of the system. */
export function loggableError(error: unknown, depth = 0): LoggableError {
  const message = errorText(error);
  if (!(error instanceof Error)) return { type: typeof error, message };
  const type = error.name;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const members = Object.entries(error).filter(([name, value]) => isLogged(name) && isPlain(value));
  const inner = depth < maxDepth;
  return {
    type,
    message,
    stack: [`${type}: ${message}`, ...frames].join('\n'),
    ...Object.fromEntries(members),
    ...(inner && error.cause !== undefined ? { cause: loggableError(error.cause, depth + 1) } : {}),
    ...(inner && error instanceof AggregateError
      ? { errors: error.errors.map((one) => loggableError(one, depth + 1)) }
      : {}),
  };
}

function isLogged(name: string): boolean {
  return loggedMembers.some((one) => one === name);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
