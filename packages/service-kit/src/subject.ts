/** Whose things a request may see and change: by the headers in which the gateway names the verified user. */
import type { IncomingHttpHeaders } from 'node:http';
import { callerHeader, type Role, subjectHeaders } from '@microshop/topology';
import { ProblemError } from './problem.ts';

/** One user's own things, by the id of that user; or everybody's. */
export type Scope = number | 'all';

const admin: Role = 'admin';

/**
 * The scope of a request. A peer asks for everybody: its certificate has let it in. Where clients are authenticated, a request
 * of the gateway that names nobody is refused: it must not count as a peer's.
 */
export function scopeOf(headers: IncomingHttpHeaders, edgeAuth: boolean): Scope {
  const user = headers[subjectHeaders.user];
  if (user === undefined) {
    if (edgeAuth && headers[callerHeader] === 'gateway')
      throw new ProblemError(401, 'unauthorized', 'The gateway does not say whose request this is');
    return 'all';
  }
  if (headers[subjectHeaders.role] === admin) return 'all';
  if (typeof user !== 'string' || !/^[1-9]\d*$/.test(user)) throw refusal();
  return Number(user);
}

/** Throws 403 unless something of that user is in the scope. */
export function checkOwn(scope: Scope, userId: number): void {
  if (scope !== 'all' && scope !== userId) throw refusal();
}

function refusal(): ProblemError {
  return new ProblemError(403, 'forbidden', 'Only the user it is about, or an admin, may do this');
}
