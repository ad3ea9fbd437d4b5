/** The time a request may take, as it travels through the mesh in headers that the gateway sets. */
import { deadlineHeaders, requestDeadlineMs } from '@microshop/topology';

/** End of the time for one request from outside. After it no new step begins; a write already sent is not cancelled. */
export interface Deadline {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Milliseconds left, 0 when it has passed. */
  remainingMs(): number;
  expired(): boolean;
  /** Headers that hand the same deadline to a peer. */
  headers(): Record<string, string>;
}

/** Headers of a request, as Node's HTTP server gives them. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * A start older than this is no start of a request that is still waited for, milliseconds: the gateway gives up
 * after 4 s.
 */
const oldestStartMs = 60_000;

/** Difference between the clocks of two hosts that is taken as such, milliseconds. */
const clockSkewMs = 1000;

/**
 * Reads the deadline of a request. A start that is missing, malformed, from the future or long past counts as `now`;
 * the time allowed is never more than the policy's. Called without headers it makes a new deadline.
 */
export function deadlineFromHeaders(headers: RequestHeaders = {}, now: number = Date.now()): Deadline {
  const claimedStart = wholeNumber(headers[deadlineHeaders.start]);
  const plausible =
    claimedStart !== undefined && claimedStart >= now - oldestStartMs && claimedStart <= now + clockSkewMs;
  const start = plausible ? Math.min(claimedStart, now) : now;

  const claimedTimeout = wholeNumber(headers[deadlineHeaders.timeout]);
  const timeoutMs =
    claimedTimeout === undefined || claimedTimeout < 1
      ? requestDeadlineMs
      : Math.min(claimedTimeout, requestDeadlineMs);

  const expiresAt = start + timeoutMs;
  return {
    expiresAt,
    remainingMs: () => Math.max(0, expiresAt - Date.now()),
    expired: () => Date.now() >= expiresAt,
    headers: () => ({
      [deadlineHeaders.start]: String(start),
      [deadlineHeaders.timeout]: String(timeoutMs),
    }),
  };
}

function wholeNumber(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) return undefined;
  return Number(value);
}
