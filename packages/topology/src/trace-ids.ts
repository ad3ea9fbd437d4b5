/** Trace ids as W3C Trace Context writes them, in headers, logs, problems and addresses. */

/** JSON schema pattern of a trace id: 32 hexadecimal digits in small letters. */
export const traceIdPattern = '^[0-9a-f]{32}$';

/** Trace id of what has no trace: all zeros, OpenTelemetry's invalid id. */
export const noTraceId = '0'.repeat(32);

const form = new RegExp(traceIdPattern);

/** Whether the text has the form of a trace id. */
export function isTraceId(text: string): boolean {
  return form.test(text);
}
