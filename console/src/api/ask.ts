/** Questions of the page to the control service: every answer is checked against the schema that the service has of it. */
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

const problemSchema = Type.Object({
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
  dependency: Type.Optional(Type.String()),
});

/** Thrown when the service refuses, does not answer, or answers in another form; the message is for people. */
export class AskError extends Error {
  override readonly name = 'AskError';
  /** 0 when there was no answer. */
  readonly status: number;
  /** The part that is at fault, where it is known. */
  readonly part: string | undefined;

  constructor(message: string, status: number, part?: string) {
    super(message);
    this.status = status;
    this.part = part;
  }
}

/** Whether the same question may be answered later: not one that is refused for what it asks for. */
export const mayPass = (error: Error): boolean =>
  error instanceof AskError && (error.status === 0 || error.status >= 500);

/** What a question may bring. */
interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

async function send(path: string, { method = 'GET', body, signal }: Asked): Promise<Response> {
  const response = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new AskError('The control service does not answer', 0, 'control');
  });
  if (response.ok) return response;
  const problem: unknown = await response.json().catch(() => undefined);
  if (!Value.Check(problemSchema, problem))
    throw new AskError(`${path} answered ${response.status}`, response.status);
  throw new AskError(problem.detail, problem.status, problem.dependency);
}

/** The answer as that schema. Throws {@link AskError}. */
export async function ask<S extends TSchema>(schema: S, path: string, asked: Asked = {}): Promise<Static<S>> {
  const body: unknown = await (await send(path, asked)).json();
  return checked(schema, body, path);
}

/** Sends what has no answer but that it was done. Throws {@link AskError}. */
export async function tell(path: string, asked: Asked): Promise<void> {
  await send(path, asked);
}

/** What was received, as that schema. Throws {@link AskError} naming what asked. */
export function checked<S extends TSchema>(schema: S, body: unknown, asked: string): Static<S> {
  if (Value.Check(schema, body)) return body;
  const [first] = Value.Errors(schema, body);
  throw new AskError(
    `${asked} answered in another form: ${first?.instancePath ?? ''} ${first?.message ?? ''}`,
    200,
  );
}
