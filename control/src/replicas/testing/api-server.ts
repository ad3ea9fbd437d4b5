/** The part of an API server that reviews tokens, for tests without a cluster. Tokens of pods are `<service account>/<pod>`. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createService, type Service } from '@microshop/service-kit';
import { pino } from 'pino';
import { Type } from 'typebox';
import type { ApiServer } from '../access.ts';

const namespace = 'shop';

/** The token that a service shows it. */
const ownToken = 'token-of-control';

/** What a review says beside what the token does. */
export interface Said {
  readonly audiences?: readonly string[];
  readonly namespace?: string;
}

/** The stand-in. */
export interface TestApiServer extends ApiServer {
  /** Tokens that it was asked about. */
  readonly asked: readonly string[];
  /** What it says from now on. */
  says(said: Said): void;
  close(): Promise<void>;
}

/** The token of a pod. */
export function podToken(account: string, pod: string): string {
  return `${account}/${pod}`;
}

/** Starts one; the account of the service that asks it is put below that directory. */
export async function startApiServer(directory: string): Promise<TestApiServer> {
  const account = path.join(directory, 'account');
  await mkdir(account, { recursive: true });
  await writeFile(path.join(account, 'token'), `${ownToken}\n`);
  await writeFile(path.join(account, 'namespace'), namespace);
  const fastify: Service = await createService({ name: 'api-server', logger: pino({ level: 'silent' }) });
  const asked: string[] = [];
  let said: Said = {};
  fastify.post(
    '/apis/authentication.k8s.io/v1/tokenreviews',
    {
      schema: {
        body: Type.Object({
          apiVersion: Type.Literal('authentication.k8s.io/v1'),
          kind: Type.Literal('TokenReview'),
          spec: Type.Object({ token: Type.String(), audiences: Type.Array(Type.String()) }),
        }),
      },
    },
    async (request, reply) => {
      if (request.headers.authorization !== `Bearer ${ownToken}`) return reply.code(401).send({});
      const { token, audiences } = request.body.spec;
      asked.push(token);
      const [serviceAccount, pod] = token.split('/');
      reply.code(201);
      if (pod === undefined) return { status: { user: {} } };
      return {
        status: {
          authenticated: true,
          audiences: said.audiences ?? audiences,
          user: {
            username: `system:serviceaccount:${said.namespace ?? namespace}:${serviceAccount}`,
            extra: { 'authentication.kubernetes.io/pod-name': [pod] },
          },
        },
      };
    },
  );
  const url = await fastify.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    account,
    asked,
    says(next) {
      said = next;
    },
    close: () => fastify.close(),
  };
}
