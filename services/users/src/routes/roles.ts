/** `PATCH /api/users/{id}`: an admin gives a user its role. Only where the gateway authenticates clients. */
import type { IncomingHttpHeaders } from 'node:http';
import { idParams, ProblemError, problemRef, type Service, scopeOf } from '@microshop/service-kit';
import { attributes, subjectHeaders } from '@microshop/topology';
import { trace } from '@opentelemetry/api';
import type { UserStore } from '../domain/user.ts';
import { noUser, shown } from './answers.ts';
import { roleBody, userSchema } from './schemas.ts';

/** What the route works with. */
export interface RoleRouteOptions {
  readonly users: Pick<UserStore, 'findById' | 'changeRole'>;
}

/** Registers the route. */
export async function roleRoute(service: Service, { users }: RoleRouteOptions): Promise<void> {
  service.patch(
    '/api/users/:id',
    {
      schema: {
        tags: ['users'],
        operationId: 'changeRole',
        summary: 'Make a user an admin, or a customer',
        params: idParams,
        body: roleBody,
        response: { 200: userSchema, 404: problemRef },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { role } = request.body;
      const admin = await adminWhoAsks(request.headers, users);
      trace.getActiveSpan()?.setAttribute(attributes.userId, id);
      const user = await users.changeRole(id, role);
      if (user === null) throw noUser(id);
      request.log.info({ user_id: id, role, admin }, 'role changed');
      return shown(user, true);
    },
  );
}

/**
 * Who gives the role: the operator, or an account that still is an admin's. A token keeps its role until it expires, and with that
 * one a former admin could make itself one again. A peer that names nobody is no admin.
 */
async function adminWhoAsks(headers: IncomingHttpHeaders, users: RoleRouteOptions['users']): Promise<string> {
  const name = headers[subjectHeaders.user];
  if (scopeOf(headers, true) !== 'all' || typeof name !== 'string')
    throw new ProblemError(403, 'forbidden', 'Only an admin may give roles');
  // the operator has no account
  const account = /^\d+$/.test(name) ? await users.findById(Number(name)) : undefined;
  if (account !== undefined && account?.role !== 'admin')
    throw new ProblemError(
      403,
      'forbidden',
      `User ${name} is no longer an admin; log in for a token that says so`,
    );
  return name;
}
