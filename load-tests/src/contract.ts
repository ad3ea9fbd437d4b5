/**
 * What the scenarios know of the shop. k6 reads only this folder (in compose it is all that is mounted), so these facts
 * cannot be imported from the topology; `contract.test.ts` holds them against it.
 */

/** Time the mesh allows one request from outside, milliseconds. */
export const requestDeadlineMs = 3500;

/** Time after which the gateway itself answers 504, milliseconds: no answer takes longer. */
export const gatewayTimeoutMs = 4000;

/** Limit of one attempt of a call between services, milliseconds. */
export const perTryTimeoutMs = 900;

/** Header of every response that names its trace. */
export const traceIdHeader = 'x-trace-id';

/** Header in which a client names its origin; the lab's own requests meet no fault. */
export const originHeader = 'x-shop-origin';

/** Origins: of the orders a run places, and of what it asks beside them. */
export const origins = { order: 'load', own: 'lab' } as const;

/** Every `code` a problem can have. */
export const problemCodes = [
  'bad_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'not_enough_stock',
  'key_reused',
  'too_large',
  'unsupported_media_type',
  'overloaded',
  'dependency_unavailable',
  'dependency_timeout',
  'breaker_open',
  'deadline_exceeded',
  'internal',
] as const;

/**
 * Values of the tag `code`: those of problems, `no_answer` (refused, reset, or nothing in time) and `other` (an answer
 * the contract does not know). A tag has to have few values: each is a time series.
 */
export const failureCodes = [...problemCodes, 'no_answer', 'other'] as const;

/** Value of the tag `code`. */
export type FailureCode = (typeof failureCodes)[number];

/** The code as a tag value: `other` when the contract does not know it. */
export function failureCode(code: unknown): FailureCode {
  return failureCodes.find((known) => known === code) ?? 'other';
}
