/** `/api/users`: create, log in, list, show; where the gateway authenticates clients, also public keys and roles. */
import {
  checkOwn,
  idAfter,
  idParams,
  ProblemError,
  page,
  pageQuery,
  problemRef,
  type Service,
  scopeOf,
} from '@microshop/service-kit';
import { attributes, publicKeys } from '@microshop/topology';
import { trace } from '@opentelemetry/api';
import { Type } from 'typebox';
import type { Passwords } from '../domain/password.ts';
import type { Tokens } from '../domain/tokens.ts';
import type { UserStore } from '../domain/user.ts';
import { noUser, shown } from './answers.ts';
import { roleRoute } from './roles.ts';
import { keySetSchema, loggedInSchema, loginBody, newUserBody, userSchema } from './schemas.ts';

/** What the routes work with. */
export interface UserRoutesOptions {
  readonly users: UserStore;
  readonly passwords: Passwords;
  /** Where the gateway authenticates clients: what a login gives them to show. */
  readonly tokens?: Tokens;
}

/** Registers the routes. */
export async function userRoutes(
  service: Service,
  { users, passwords, tokens }: UserRoutesOptions,
): Promise<void> {
  const tags = ['users'];
  const edgeAuth = tokens !== undefined;

  service.post(
    '/api/users',
    {
      schema: {
        tags,
        operationId: 'createUser',
        summary: 'Create a user',
        body: newUserBody,
        response: { 201: userSchema, 409: problemRef },
      },
    },
    async (request, reply) => {
      const { email, name, password } = request.body;
      const user = await users.create({ email, name, passwordHash: await passwords.hash(password) });
      if (user === null)
        throw new ProblemError(409, 'conflict', `body.email ${email} is taken; use another or log in`);
      trace.getActiveSpan()?.setAttribute(attributes.userId, user.id);
      return reply.code(201).header('location', `/api/users/${user.id}`).send(shown(user, edgeAuth));
    },
  );

  service.post(
    '/api/users/login',
    {
      schema: {
        tags,
        operationId: 'logIn',
        summary: 'Check an e-mail and a password',
        body: loginBody,
        response: { 200: loggedInSchema, 401: problemRef },
      },
    },
    async (request, reply) => {
      const user = await users.findByEmail(request.body.email);
      const fits = await passwords.verify(request.body.password, user?.passwordHash);
      if (user === null || !fits) throw new ProblemError(401, 'unauthorized', 'E-mail or password is wrong');
      trace.getActiveSpan()?.setAttribute(attributes.userId, user.id);
      if (tokens === undefined) return shown(user, edgeAuth);
      void reply.header('cache-control', 'no-store');
      return { ...shown(user, edgeAuth), ...(await tokens.issueTo(user)) };
    },
  );

  if (tokens !== undefined) {
    service.get(
      publicKeys.path,
      {
        schema: {
          tags,
          operationId: 'listKeys',
          summary: 'List the public keys that verify tokens',
          response: { 200: keySetSchema },
        },
      },
      async (_request, reply) => {
        void reply.header('cache-control', `max-age=${publicKeys.cacheSeconds}`);
        return { keys: await tokens.publicKeys() };
      },
    );
    await service.register(roleRoute, { users });
  }

  service.get(
    '/api/users',
    {
      schema: {
        tags,
        operationId: 'listUsers',
        summary: 'List users',
        querystring: Type.Object(pageQuery, { additionalProperties: false }),
        response: { 200: Type.Array(userSchema) },
      },
    },
    async (request, reply) => {
      const { limit, cursor } = request.query;
      const rows = await users.list(idAfter(cursor), limit + 1);
      return page(rows, limit, request, reply).map((user) => shown(user, edgeAuth));
    },
  );

  service.get(
    '/api/users/:id',
    {
      schema: {
        tags,
        operationId: 'showUser',
        summary: 'Show a user',
        params: idParams,
        response: { 200: userSchema, 404: problemRef },
      },
    },
    async (request) => {
      const { id } = request.params;
      checkOwn(scopeOf(request.headers, edgeAuth), id);
      trace.getActiveSpan()?.setAttribute(attributes.userId, id);
      const user = await users.findById(id);
      if (user === null) throw noUser(id);
      return shown(user, edgeAuth);
    },
  );
}
