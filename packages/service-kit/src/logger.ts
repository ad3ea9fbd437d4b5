/** The services' log: JSON lines on stdout. Trace and span id are added by the telemetry bootstrap. */
import { loggableError } from '@microshop/database/errors';
import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino';

/** A logger whose lines have the shape of all logs of the mesh (docs/observability.md); `time` is RFC 3339 in UTC. They go
 * to standard output unless `to` says where. */
export function createLogger(service: string, level: string, to?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // pino's own would write every member of an error: PostgreSQL's `detail` holds the e-mail that is taken
    serializers: { err: loggableError },
    redact: ['password', '*.password', 'headers.authorization'],
  };
  return to === undefined ? pino(options) : pino(options, to);
}
