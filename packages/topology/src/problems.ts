/** Kinds of failure a client can tell apart: `code` of a problem (RFC 9457) and the HTTP statuses it comes with. */

/** Every `code`, with its title. */
export const problemTitles = {
  bad_request: 'Bad request',
  unauthorized: 'Unauthorized',
  forbidden: 'Forbidden',
  not_found: 'Not found',
  method_not_allowed: 'Method not allowed',
  conflict: 'Conflict',
  not_enough_stock: 'Not enough stock',
  key_reused: 'Idempotency key reused',
  too_large: 'Payload too large',
  unsupported_media_type: 'Unsupported media type',
  overloaded: 'Overloaded',
  dependency_unavailable: 'Dependency unavailable',
  dependency_timeout: 'Dependency timeout',
  breaker_open: 'Circuit breaker open',
  deadline_exceeded: 'Deadline exceeded',
  internal: 'Internal error',
} as const;

/** Code of a problem. */
export type ProblemCode = keyof typeof problemTitles;

/**
 * What a status answers: any request at all, any with a body, only those whose route says so, or what is no call of the
 * API as its description has it (another method, an upgrade, HTTP/1.0).
 */
export type ProblemScope = 'any request' | 'any body' | 'some routes' | 'no call';

/** What a client gets with a status. */
export interface ProblemStatus {
  /** The most likely one first. */
  readonly codes: readonly [ProblemCode, ...ProblemCode[]];
  readonly scope: ProblemScope;
  /** When it comes, for the description of the API. */
  readonly when: string;
  /** Whether `retry-after` comes with it. */
  readonly retryAfter?: true;
}

/** Every status of a problem that a client of the gateway may get, whichever part answers. */
export const problemStatuses = {
  400: {
    codes: ['bad_request', 'not_found', 'not_enough_stock'],
    scope: 'any request',
    when: 'The request does not match this description, or names something that does not exist or is out of stock; `detail` says what',
  },
  401: {
    codes: ['unauthorized'],
    scope: 'some routes',
    when: 'E-mail or password is wrong, or no valid token was sent',
  },
  403: {
    codes: ['forbidden', 'bad_request'],
    scope: 'no call',
    when: 'This user may not do that; an upgrade, or CONNECT',
  },
  404: { codes: ['not_found'], scope: 'some routes', when: 'Nothing has that id' },
  405: {
    codes: ['method_not_allowed'],
    scope: 'no call',
    when: 'The path does not have this method; `allow` names those it has',
  },
  408: { codes: ['bad_request'], scope: 'any body', when: 'The request took too long to arrive' },
  409: { codes: ['conflict'], scope: 'some routes', when: 'It already exists' },
  413: { codes: ['too_large'], scope: 'any body', when: 'The body is larger than allowed' },
  415: {
    codes: ['unsupported_media_type'],
    scope: 'any body',
    when: 'The body is not plain JSON in UTF-8; `detail` names the header',
  },
  417: { codes: ['bad_request'], scope: 'no call', when: 'An expectation other than 100-continue' },
  422: {
    codes: ['key_reused'],
    scope: 'some routes',
    when: 'The key was used with another body; send a new key, or the same body',
  },
  426: { codes: ['bad_request'], scope: 'no call', when: 'HTTP/1.0' },
  429: {
    codes: ['overloaded'],
    scope: 'any request',
    when: 'More requests arrived than the gateway admits',
    retryAfter: true,
  },
  431: {
    codes: ['bad_request'],
    scope: 'any request',
    when: 'Too many headers, or path and headers are too large',
  },
  500: { codes: ['internal'], scope: 'any request', when: 'Our fault; `trace_id` finds it in the logs' },
  501: { codes: ['bad_request'], scope: 'no call', when: 'A transfer encoding other than chunked' },
  503: {
    codes: ['dependency_unavailable', 'dependency_timeout', 'breaker_open', 'overloaded'],
    scope: 'any request',
    when: 'A service, or what it depends on, cannot answer now; `dependency` names it',
    retryAfter: true,
  },
  504: {
    codes: ['deadline_exceeded'],
    scope: 'any request',
    when: 'No answer in time: a change may have been made; a read can be repeated',
  },
} as const satisfies Readonly<Record<number, ProblemStatus>>;

/** Status of a problem that a client of the gateway may get. */
export type ProblemStatusNumber = keyof typeof problemStatuses;

/** The `type` member of a problem with that code: a name, not an address. */
export function problemType(code: ProblemCode): string {
  return `urn:microshop:problem:${code}`;
}

/** Media type of every error body. */
export const problemMediaType = 'application/problem+json';
