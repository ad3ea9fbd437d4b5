/** Who may talk to the control service, and who may change something through it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '@microshop/service-kit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sessionPath } from '../console/schemas.ts';
import type { Sessions } from '../console/sessions.ts';
import { certificatePath } from '../replicas/schemas.ts';

/** What the guard goes by. */
export interface GuardOptions {
  /** Host names under which the service is reached. A page elsewhere that has one resolve to us has another name. */
  readonly hostNames: readonly string[];
  /** What a change must show in `authorization: Bearer …`. */
  readonly token: string;
  /** What a change from the page of the console must show instead: the cookie of a session. */
  readonly sessions: Pick<Sessions, 'holds'>;
}

/** Routes that have a check of their own: of the code of a page, of the token of a pod. */
const checkedThere: readonly (string | undefined)[] = [sessionPath, certificatePath];

/** Methods that only read. */
const readingMethods: readonly string[] = ['GET', 'HEAD'];

/**
 * What a browser says of the page a request comes from (Fetch Metadata): a page of ours, or a person who typed the
 * address. `same-site` is another port of this host, `cross-site` any page elsewhere; a GET of theirs has no `Origin`.
 */
const ownSites: readonly string[] = ['same-origin', 'none'];

/**
 * Refuses other Hosts, Origins and sites with 403, so that no page of a browser reaches the service but one it served
 * itself; and whatever is not a read without the token or a session, with 401. Neither appears in a log or an answer.
 */
export function guard(fastify: FastifyInstance, { hostNames, token, sessions }: GuardOptions): void {
  fastify.addHook('onRequest', async (request) => {
    const { host, origin, 'sec-fetch-site': site } = request.headers;
    // Only HTTP/1.0, which no browser speaks, comes without a host: health checks of containers.
    if (host !== undefined && !hostNames.includes(hostNameOf(host))) {
      throw new ProblemError(403, 'forbidden', `The control service is not at ${host}`);
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      throw new ProblemError(
        403,
        'forbidden',
        `The control service accepts no requests from pages of ${origin}`,
      );
    }
    // programs send none; an unknown value is not from our page
    if (site !== undefined && (typeof site !== 'string' || !ownSites.includes(site))) {
      throw new ProblemError(
        403,
        'forbidden',
        'The control service accepts no requests from pages of other sites',
      );
    }
    const isChecked = checkedThere.includes(request.routeOptions.url);
    // a browser sends Origin with every change: a cookie without it is not from a browser's page
    const fromPage = origin !== undefined && sessions.holds(request.headers);
    if (!readingMethods.includes(request.method) && !isChecked && !fromPage && !shows(request, token)) {
      throw new ProblemError(
        401,
        'unauthorized',
        'A change needs the token of the control service in the header authorization; ./mesh sends it by itself, and ./mesh console prints the address of a page that may change the mesh',
      );
    }
  });
}

function hostNameOf(host: string): string {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname : '';
}

function shows(request: FastifyRequest, token: string): boolean {
  const shown = request.headers.authorization ?? '';
  // digests have one length and are compared in constant time
  return timingSafeEqual(digest(shown), digest(`Bearer ${token}`));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
