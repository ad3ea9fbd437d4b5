/** The services' log: JSON lines on stdout. Trace and span id are added by the telemetry bootstrap. */
import { type Logger, pino } from 'pino';

/** A logger whose lines say which service wrote them; `time` is milliseconds since the epoch. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    formatters: { level: (label) => ({ level: label }) },
    redact: ['password', '*.password', 'headers.authorization'],
  });
}
