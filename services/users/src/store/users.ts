/** Users in PostgreSQL. */
import type { Database } from '@microshop/database';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Account, UserStore } from '../domain/user.ts';
import { UserEntity } from './entities.ts';

type StoredAccount = Omit<Account, 'createdAt'> & { readonly createdAt: string };

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
      const [row] = await database.sql.query<StoredAccount>(
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
