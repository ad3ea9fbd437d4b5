/** The services' log: JSON lines on stdout. Trace and span id are added by the telemetry bootstrap. */
import { type Logger, pino, stdTimeFunctions } from 'pino';

/** A logger whose lines have the shape of all logs of the mesh (docs/observability.md); `time` is RFC 3339 in UTC. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['password', '*.password', 'headers.authorization'],
  });
}
