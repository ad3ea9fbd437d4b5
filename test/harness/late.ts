/** Answers of a shop in which nothing is wrong, on a machine that does much else. */

/** Codes of a service that is behind with all its work, and of calls or whole requests that take longer than they may. */
export const lateCodes: readonly unknown[] = [
  'overloaded',
  'deadline_exceeded',
  'dependency_timeout',
  'breaker_open',
];

/**
 * Whether a busy machine alone can be the reason of a problem: the service refused the request since it was behind
 * (`packages/service-kit/src/pressure.ts`; a breaker that is full names the peer as well), or ran out of time. A test that slows the
 * shop down, or opens a breaker, cannot ask that.
 */
export function saysLate(body: unknown): boolean {
  const { code, dependency }: Partial<Record<'code' | 'dependency', unknown>> = Object(body);
  return lateCodes.includes(code) && !(code === 'overloaded' && dependency !== undefined);
}
