/** PostgreSQL's settings, the same in both run modes. */

/**
 * What PostgreSQL's log must not hold: statements and values. A failed insert of a user would stand there with e-mail and
 * hash. Each service logs its own failures, with the trace id.
 */
const privateLog = {
  // do not log the statement of an error, a timeout or a lock wait
  log_min_error_statement: 'panic',
  // do not log DETAIL, HINT, QUERY and CONTEXT: they hold keys, rows, and the statements of a deadlock
  log_error_verbosity: 'terse',
  // do not log bound parameters, whatever else is switched on
  log_parameter_max_length: 0,
  log_parameter_max_length_on_error: 0,
} as const;

/**
 * The same for messages that quote a value themselves (`invalid input syntax for type integer: "…"`): sessions of the
 * shop's roles write none of their errors. Those of the server's own processes stay.
 */
export const privateSession = { log_min_messages: 'log' } as const;

/** What the server is started with. */
export const serverSettings: Readonly<Record<string, string | number>> = {
  max_connections: 200,
  ...privateLog,
};

/** Arguments of `initdb` for what the databases hold. */
export const clusterArguments: readonly string[] = [
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--locale=C.UTF-8',
];
