/** JSON over HTTP, with a limit in time and a schema for what comes back. */
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { ExplainedError, hasCode, messageOf, unknownName } from './errors.ts';

/** Thrown when a part does not answer, or not in a form we understand. */
export class UnreachableError extends ExplainedError {
  override readonly name: string = 'UnreachableError';
  /** Name of the part, as `./mesh status` shows it; undefined when no single part is at fault. */
  readonly part: string | undefined;

  constructor(message: string, part?: string, options?: ErrorOptions) {
    super(message, options);
    this.part = part;
  }
}

/** Thrown when a part did not answer: it could not be reached, or nothing came in time. */
export class NoAnswerError extends UnreachableError {
  override readonly name: string = 'NoAnswerError';
  /** Why, without the part: `connection refused`, `nothing within 5 s`. */
  readonly reason: string;

  constructor(part: string, reason: string, options?: ErrorOptions) {
    super(`${part} does not answer (${reason})`, part, options);
    this.reason = reason;
  }
}

/** Thrown when the name of a part cannot be resolved. In a network of containers such a part does not run. */
export class UnknownNameError extends NoAnswerError {
  override readonly name: string = 'UnknownNameError';

  constructor(part: string, options?: ErrorOptions) {
    super(part, unknownName.said, options);
  }
}

/** Thrown when a part took a request and ended before its answer: it was stopped, or killed. */
export class EndedError extends UnreachableError {
  override readonly name: string = 'EndedError';
}

/** Codes of a connection that was made and then lost. */
const lostCodes = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

/** An answer: its status, its trace id, and its body when that is JSON. */
export interface JsonAnswer {
  readonly status: number;
  /** `x-trace-id`, empty without one. */
  readonly traceId: string;
  readonly body: unknown;
}

/** Time an answer may take, milliseconds: longer than the gateway's own limit of 4 s. */
const usualLimitMs = 10_000;

/** Sends a request with an optional JSON body to that part of the mesh. Throws {@link NoAnswerError}, {@link UnknownNameError} and {@link EndedError}. */
export async function requestJson(
  part: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  options: { body?: unknown; headers?: Readonly<Record<string, string>>; limitMs?: number } = {},
): Promise<JsonAnswer> {
  const { body, headers, limitMs = usualLimitMs } = options;
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(limitMs),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    const parsed: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, traceId: response.headers.get('x-trace-id') ?? '', body: parsed };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    if (lostCodes.some((code) => hasCode(cause, code))) {
      throw new EndedError(`${part} ended during the request`, part, { cause: error });
    }
    if (hasCode(cause, ...unknownName.codes)) throw new UnknownNameError(part, { cause: error });
    const late = error instanceof Error && error.name === 'TimeoutError';
    const why = late ? `nothing within ${limitMs / 1000} s` : messageOf(cause);
    throw new NoAnswerError(part, why, { cause: error });
  }
}

/** The body as that schema. Throws {@link UnreachableError} naming what asked. */
export function expectBody<S extends TSchema>(schema: S, body: unknown, asked: string): Static<S> {
  if (Value.Check(schema, body)) return body;
  const [first] = Value.Errors(schema, body);
  throw new UnreachableError(
    `${asked} answered in another form: body${first?.instancePath ?? ''} ${first?.message ?? ''}`,
  );
}
