/**
 * Who may change the mesh from the page: a code opens one session, a session is a cookie. The token of the control service
 * never reaches the page. Both live as long as this process, as the token does.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Time in which a code can be used, milliseconds. */
const codeLifeMs = 60 * 60_000;

/** Codes and sessions that are kept; with one more the oldest is forgotten. */
const mostCodes = 100;
const mostSessions = 100;

/** Codes and sessions. */
export interface Sessions {
  /** Makes a code, which is good once, for an hour. */
  code(): string;
  /** The header `set-cookie` of the session that the code opens; `undefined` when it opens none. */
  open(code: string): string | undefined;
  /** Whether the request bears the cookie of a session. */
  holds(headers: IncomingHttpHeaders): boolean;
}

/** Digests are kept instead of secrets, and looking one up says nothing about another. */
function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

const secret = () => randomBytes(32).toString('base64url');

/** Sessions of mesh `instance`. Cookies ignore ports, so each mesh on a machine has a name of its own for them. */
export function createSessions(instance: number, now: () => number = Date.now): Sessions {
  const cookie = `mesh-${instance}-console`;
  /** Time of its end, by digest. */
  const codes = new Map<string, number>();
  const sessions = new Set<string>();
  const forgetOldest = (
    kept: { keys(): Iterable<string>; delete(key: string): boolean; size: number },
    most: number,
  ) => {
    for (const key of kept.keys()) {
      if (kept.size <= most) return;
      kept.delete(key);
    }
  };

  return {
    code() {
      const made = secret();
      codes.set(digest(made), now() + codeLifeMs);
      forgetOldest(codes, mostCodes);
      return made;
    },
    open(code) {
      const key = digest(code);
      const end = codes.get(key);
      codes.delete(key);
      if (end === undefined || end < now()) return undefined;
      const session = secret();
      sessions.add(digest(session));
      forgetOldest(sessions, mostSessions);
      return `${cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },
    holds: ({ cookie: sent = '' }) =>
      sent
        .split(';')
        .map((pair) => pair.trim().split('='))
        .some(([name, value]) => name === cookie && value !== undefined && sessions.has(digest(value))),
  };
}
