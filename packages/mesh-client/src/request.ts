/** One GET to a peer through the caller's sidecar: sent, read to its end, and judged. */
import type { ServiceName } from '@microshop/topology';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Dispatcher } from 'undici';
import { errorOfStatus } from './classify.ts';
import { PeerError, ResponseBodyError } from './errors.ts';

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

/** Tells whether a body is what was agreed. */
export type Accepts<T> = (body: unknown) => body is T;

/** What a request needs. */
export interface PeerRequest<T> {
  readonly dispatcher: Dispatcher;
  readonly peer: ServiceName;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly accepts: Accepts<T>;
}

const validators = new WeakMap<TSchema, (body: unknown) => boolean>();

/** A check against a schema; compiled once per schema. */
export function acceptsSchema<S extends TSchema>(schema: S): Accepts<Static<S>> {
  let check = validators.get(schema);
  if (check === undefined) {
    const validator = Compile(schema);
    check = (body) => validator.Check(body);
    validators.set(schema, check);
  }
  const known = check;
  return (body): body is Static<S> => known(body);
}

/** Sends the request. Throws {@link PeerError} for 3xx, 5xx and bodies that do not fit; else what undici throws. */
export async function sendRequest<T>(request: PeerRequest<T>): Promise<PeerResponse<T>> {
  const { peer } = request;
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

  const body = parseAgreed(peer, status, text);
  if (!request.accepts(body)) {
    throw unusableBody(
      peer,
      status,
      new ResponseBodyError(`The body of ${request.path} does not fit its schema`),
    );
  }
  return { ok: true, status, headers, body };
}

function parseAgreed(peer: ServiceName, status: number, text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusableBody(peer, status, new ResponseBodyError('The body is not JSON', { cause: error }));
  }
}

function unusableBody(peer: ServiceName, status: number, cause: ResponseBodyError): PeerError {
  return new PeerError(`${peer} answered ${status} with an unusable body: ${cause.message}`, {
    errorClass: 'dependency_unavailable',
    peer,
    status,
    cause,
    retryAfterSeconds: 1,
  });
}

function parseOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
