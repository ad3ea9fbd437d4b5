/** Trace ids as W3C Trace Context writes them, in headers, logs, problems and addresses. */

const digits = '[0-9a-f]{32}';

/** JSON schema pattern of a trace id: 32 hexadecimal digits in small letters. */
export const traceIdPattern = `^${digits}$`;

/** Trace id of what has no trace: all zeros, OpenTelemetry's invalid id. */
export const noTraceId = '0'.repeat(32);

const form = new RegExp(traceIdPattern);

/** `<version>-<trace id>-<parent id>-<flags>`. */
const header = new RegExp(`^[0-9a-f]{2}-(${digits})-`);

/** Whether the text has the form of a trace id. */
export function isTraceId(text: string): boolean {
  return form.test(text);
}

/** The trace id in a `traceparent` header; `undefined` when it is no such header. */
export function traceIdIn(traceparent: string): string | undefined {
  return header.exec(traceparent)?.[1];
}
