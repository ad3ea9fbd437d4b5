/** Users in PostgreSQL. */

import type { Database } from '@microshop/service-kit';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { type User, UserEntity } from './user-entity.ts';

/** Fields of a new user. */
export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
}

/** Access to users. */
export interface UserStore {
  /** The user with its id, or null when the e-mail is taken. */
  create(user: NewUser): Promise<User | null>;
  findById(id: number): Promise<User | null>;
  /** The user with its password hash. */
  findByEmail(email: string): Promise<User | null>;
  /** Up to `count` users with an id above `afterId`, by id. */
  list(afterId: number, count: number): Promise<User[]>;
}

type StoredUser = Omit<User, 'createdAt'> & { readonly createdAt: string };

/** Users of that database. */
export function createUserStore(database: Database): UserStore {
  return {
    async create(fields) {
      const em = database.em();
      const user = em.create(UserEntity, { ...fields, createdAt: new Date() });
      try {
        await em.persist(user).flush();
        return user;
      } catch (error) {
        if (error instanceof UniqueConstraintViolationException) return null;
        throw error;
      }
    },
    findById: (id) => database.em().findOne(UserEntity, { id }),
    async findByEmail(email) {
      // One statement whether there is such a user or not: a second would be seen in the time of a login.
      const [row] = await database.sql.query<StoredUser>(
        `select id, email, name, password_hash as "passwordHash", created_at as "createdAt"
         from users where lower(email) = lower($1)`,
        [email],
      );
      return row === undefined ? null : { ...row, createdAt: new Date(row.createdAt) };
    },
    list: (afterId, count) =>
      database.em().find(UserEntity, { id: { $gt: afterId } }, { orderBy: { id: 'asc' }, limit: count }),
  };
}
