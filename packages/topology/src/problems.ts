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

/** The `type` member of a problem with that code: a name, not an address. */
export function problemType(code: ProblemCode): string {
  return `urn:microshop:problem:${code}`;
}

/** Media type of every error body. */
export const problemMediaType = 'application/problem+json';
