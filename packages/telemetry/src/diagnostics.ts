/** What telemetry says about itself: one JSON line on stderr per outage or per distinct problem, never one per batch. */
import type { DiagLogger } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';

/** Levels of these lines, named as the services' log names them. */
type Level = 'info' | 'warn' | 'error';

/** Distinct problems remembered; those beyond are dropped, so that a message with changing parts cannot flood. */
const maxDistinctProblems = 50;

/** Writes one line. */
export type WriteLine = (level: Level, message: string, details?: Record<string, unknown>) => void;

/** Writes lines of the shape of the services' log to stderr. */
export function lineWriter(service: string): WriteLine {
  return (level, message, details) => {
    const line = { level, time: new Date().toISOString(), service, ...details, msg: `telemetry: ${message}` };
    process.stderr.write(`${JSON.stringify(line)}\n`);
  };
}

/** OpenTelemetry's own warnings and errors, each distinct one once. */
export function quietDiagLogger(write: WriteLine): DiagLogger {
  const seen = new Set<string>();
  const once =
    (level: Level) =>
    (message: string, ...details: unknown[]): void => {
      const text = [message, ...details.map(describe)].join(' ');
      if (seen.has(text) || seen.size >= maxDistinctProblems) return;
      seen.add(text);
      write(level, text);
    };
  const silent = (): void => {};
  return { error: once('error'), warn: once('warn'), info: silent, debug: silent, verbose: silent };
}

function describe(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

/** What both kinds of exporter have in common. */
interface Exporter<T> {
  export(items: T, done: (result: ExportResult) => void): void;
}

/**
 * Makes an exporter report the beginning and the end of an outage, one line each. Failures end here: the SDK would
 * otherwise report every batch that it could not send.
 */
export function reportOutages<T, E extends Exporter<T>>(exporter: E, signal: string, write: WriteLine): E {
  const send = exporter.export.bind(exporter);
  let away = false;
  exporter.export = (items, done) => {
    send(items, (result) => {
      const failed = result.code !== ExportResultCode.SUCCESS;
      if (failed && !away) {
        write('warn', `${signal} cannot be sent and are dropped until the collector is back`, {
          reason: reasonOf(result.error),
        });
      }
      if (!failed && away) write('info', `${signal} are sent again`);
      away = failed;
      done({ code: ExportResultCode.SUCCESS });
    });
  };
  return exporter;
}

function reasonOf(error: Error | undefined): string {
  if (error === undefined) return 'unknown';
  // A refused connection to both addresses of a name is an AggregateError without a message.
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  return error.message === '' ? error.name : error.message;
}
