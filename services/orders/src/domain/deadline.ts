/** The deadline of a request: no step begins after it, and the client is answered at it. */
import type { Deadline } from '@microshop/mesh-client';
import { ProblemError } from '@microshop/service-kit';
import { gatewayPolicy, requestDeadlineMs } from '@microshop/topology';

/**
 * A call to a peer ends at the deadline by itself, and says which peer it was; before that failure is the answer, the key is looked
 * up once more. So long after the deadline the client is answered where nothing has, milliseconds: a database that hangs ends no
 * statement. Half of what the gateway waits for longer than the deadline: with 50 ms a busy machine (CI, three test runs on two
 * cores) answered without the peer's name.
 */
const graceMs = (gatewayPolicy.timeoutMs - requestDeadlineMs) / 2;

/** Throws 504 when the deadline is over before that step. */
export function checkDeadline(deadline: Deadline, step: string): void {
  if (deadline.expired()) throw deadlineExceeded(step);
}

/**
 * Settles as the work does, or rejects with 504 when the deadline is over. The work goes on then, as a write that has been sent
 * is not cancelled; `late` gets the error if it fails.
 */
export async function withinDeadline<T>(
  deadline: Deadline,
  work: Promise<T>,
  late: (error: unknown) => void,
): Promise<T> {
  let over = false;
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    over = true;
    limit.reject(deadlineExceeded('its outcome was known'));
  }, deadline.remainingMs() + graceMs);
  work.catch((error: unknown) => {
    if (over) late(error);
  });
  try {
    return await Promise.race([work, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function deadlineExceeded(before: string): ProblemError {
  return new ProblemError(
    504,
    'deadline_exceeded',
    `The ${requestDeadlineMs} ms for this request were over before ${before}`,
  );
}
