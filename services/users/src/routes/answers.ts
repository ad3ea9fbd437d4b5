/** What routes answer about a user. */
import { notFound, type ProblemError } from '@microshop/service-kit';
import type { Static } from 'typebox';
import type { User } from '../domain/user.ts';
import type { userSchema } from './schemas.ts';

/** The user as the API shows it; the role where the gateway authenticates clients, as elsewhere it means nothing. */
export function shown(user: User, edgeAuth: boolean): Static<typeof userSchema> {
  const { id, email, name, role, createdAt } = user;
  return { id, email, name, ...(edgeAuth ? { role } : {}), created_at: createdAt.toISOString() };
}

/** 404: there is no such user. */
export function noUser(id: number): ProblemError {
  return notFound(`There is no user ${id}; GET /api/users lists the users`);
}
