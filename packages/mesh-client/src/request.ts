/** One GET to a peer through the caller's sidecar: sent, read to its end, and judged. */
import type { ServiceName } from '@microshop/topology';
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { Dispatcher } from 'undici';
import { errorOfStatus, unusableBodyError } from './classify.ts';
import { ResponseBodyError } from './errors.ts';

/** Response headers, lower case. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** An answer of a peer: 2xx with a body of the agreed shape, or 4xx with whatever it says. */
export type PeerResponse<T> =
  | { readonly ok: true; readonly status: number; readonly headers: ResponseHeaders; readonly body: T }
  | {
      readonly ok: false;
      readonly status: number;
      readonly headers: ResponseHeaders;
      readonly body: unknown;
    };

/** What a request needs. */
export interface PeerRequest<S extends TSchema> {
  readonly dispatcher: Dispatcher;
  readonly peer: ServiceName;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Of the body of a 2xx answer. */
  readonly schema: S;
}

/** Sends the request. Throws {@link PeerError} for 3xx, 5xx and bodies that do not fit; else what undici throws. */
export async function sendRequest<S extends TSchema>(
  request: PeerRequest<S>,
): Promise<PeerResponse<Static<S>>> {
  const { peer, schema } = request;
  const response = await request.dispatcher.request({
    method: 'GET',
    path: request.path,
    // The sidecar routes by this name; the connection goes to the sidecar itself.
    headers: { accept: 'application/json', ...request.headers, host: peer },
    signal: request.signal,
  });
  const { statusCode: status, headers } = response;
  const text = await response.body.text();

  if (status >= 500 || (status >= 300 && status < 400)) throw errorOfStatus(peer, status);
  if (status >= 400) return { ok: false, status, headers, body: parseOrText(text) };

  try {
    return { ok: true, status, headers, body: agreedBody(schema, text) };
  } catch (error) {
    throw error instanceof ResponseBodyError ? unusableBodyError(peer, status, error) : error;
  }
}

const validators = new WeakMap<TSchema, Validator>();

/** Compiled once per schema. */
function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const validator = Compile(schema);
  validators.set(schema, validator);
  return validator;
}

/** The body that was agreed on. Throws {@link ResponseBodyError} for any other. */
function agreedBody<S extends TSchema>(schema: S, text: string): Static<S> {
  const body = parsed(text);
  if (fits(schema, body)) return body;
  const [first] = validatorOf(schema).Errors(body);
  throw new ResponseBodyError(`body${first?.instancePath ?? ''} ${first?.message ?? 'does not fit'}`);
}

function fits<S extends TSchema>(schema: S, body: unknown): body is Static<S> {
  return validatorOf(schema).Check(body);
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ResponseBodyError('body is not JSON', { cause: error });
  }
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
