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
      const [row] = await database.sql.query<{ id: number }>(
        'select id from users where lower(email) = lower($1)',
        [email],
      );
      if (row === undefined) return null;
      return database.em().findOne(UserEntity, { id: row.id }, { populate: ['passwordHash'] });
    },
    list: (afterId, count) =>
      database.em().find(UserEntity, { id: { $gt: afterId } }, { orderBy: { id: 'asc' }, limit: count }),
  };
}
