/**
 * Who an agent is: the API server says it of the token that the pod has of its service account (TokenReview). Tokens stand in
 * no log and no answer.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { InvalidInputError, messageOf } from '@microshop/program-kit/errors';
import { ProblemError } from '@microshop/service-kit';
import { type Identity, identities, podTokenAudience } from '@microshop/topology';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { Agent, request } from 'undici';
import { unavailable } from '../service/problem.ts';

/** A pod of the mesh. */
export interface KnownPod {
  /** Its service account is named so. */
  readonly identity: Identity;
  readonly pod: string;
}

/** Says who asks. Throws 401 for a token that is not good, 403 for one of nobody here, 503 when that cannot be found out. */
export type Access = (request: Pick<FastifyRequest, 'headers'>) => Promise<KnownPod>;

/** Where the API server is, and what this service shows it. */
export interface ApiServer {
  /** `https://host:port`. */
  readonly url: string;
  /** Directory of this service's own account: `token`, `ca.crt`, `namespace`. */
  readonly account: string;
}

/**
 * Reads `MESH_URL_KUBERNETES`, else `KUBERNETES_SERVICE_HOST` and `…_PORT`, which every pod has, and `MESH_SERVICE_ACCOUNT_DIR`.
 * Throws `InvalidInputError` where there is neither.
 */
export function apiServer(env: NodeJS.ProcessEnv): ApiServer {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  const url = env['MESH_URL_KUBERNETES'] ?? (host === undefined ? undefined : `https://${host}:${port}`);
  if (url === undefined || !URL.canParse(url)) {
    throw new InvalidInputError(
      'MESH_URL_KUBERNETES must be the address of the API server: this is not a pod',
    );
  }
  const account = env['MESH_SERVICE_ACCOUNT_DIR'] ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  return { url: url.replace(/\/$/, ''), account };
}

/** How long an answer of the API server counts, milliseconds. A pod that has gone is known for this time at most. */
const reviewCountsMs = 60_000;

/** Time the API server has, milliseconds. */
const reviewLimitMs = 5000;

const podName = 'authentication.kubernetes.io/pod-name';

const reviewSchema = Type.Object({
  status: Type.Object({
    authenticated: Type.Optional(Type.Boolean()),
    audiences: Type.Optional(Type.Array(Type.String())),
    user: Type.Optional(
      Type.Object({
        username: Type.Optional(Type.String()),
        extra: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
      }),
    ),
  }),
});

function unauthorized(detail: string): ProblemError {
  return new ProblemError(401, 'unauthorized', detail);
}

/** Access by tokens that the API server reviews. */
export function accessByToken(server: ApiServer): Access {
  const reviewed = new Map<string, { readonly pod: KnownPod; readonly until: number }>();
  const own = (name: string) => readFile(path.join(server.account, name), 'utf8');
  let dispatcher: Agent | undefined;

  async function review(token: string): Promise<unknown> {
    try {
      if (server.url.startsWith('https:')) dispatcher ??= new Agent({ connect: { ca: await own('ca.crt') } });
      const { statusCode, body } = await request(`${server.url}/apis/authentication.k8s.io/v1/tokenreviews`, {
        method: 'POST',
        headers: {
          // it changes every hour
          authorization: `Bearer ${(await own('token')).trim()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenReview',
          spec: { token, audiences: [podTokenAudience] },
        }),
        signal: AbortSignal.timeout(reviewLimitMs),
        ...(dispatcher === undefined ? {} : { dispatcher }),
      });
      const text = await body.text();
      if (statusCode !== 201) throw new Error(`it answered ${statusCode}`);
      return JSON.parse(text);
    } catch (error) {
      throw unavailable(`The API server does not say whose token that is: ${messageOf(error)}`, error);
    }
  }

  /** The pod that was reviewed, if it is one of the mesh. */
  async function podIn(answer: unknown): Promise<KnownPod> {
    if (!Value.Check(reviewSchema, answer)) {
      throw unavailable(
        'The API server does not say whose token that is: it answers in another form',
        answer,
      );
    }
    const { authenticated, audiences = [], user } = answer.status;
    // an API server that knows no audiences would let the token for any other service pass
    if (authenticated !== true || !audiences.includes(podTokenAudience)) {
      throw unauthorized(`The token is none of a pod for ${podTokenAudience}`);
    }
    const [, , namespace, account] =
      /^(system):serviceaccount:([^:]+):([^:]+)$/.exec(user?.username ?? '') ?? [];
    const identity = identities.find((one) => one === account);
    const pod = user?.extra?.[podName]?.[0];
    if (identity === undefined || pod === undefined || namespace !== (await own('namespace')).trim()) {
      throw new ProblemError(403, 'forbidden', `No pod of this mesh: ${user?.username ?? 'without a name'}`);
    }
    return { identity, pod };
  }

  return async ({ headers }) => {
    const [, token] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? [];
    if (token === undefined)
      throw unauthorized('An agent shows the token of its pod in the header authorization');
    const now = performance.now();
    for (const [digest, { until }] of reviewed) if (until <= now) reviewed.delete(digest);
    const digest = createHash('sha256').update(token).digest('base64url');
    const before = reviewed.get(digest);
    if (before !== undefined) return before.pod;
    const pod = await podIn(await review(token));
    reviewed.set(digest, { pod, until: now + reviewCountsMs });
    return pod;
  };
}
