/** Users in PostgreSQL. */
import type { Database } from '@microshop/database';
import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { Account, User, UserStore } from '../domain/user.ts';
import { UserEntity } from './entities.ts';

/** As plain SQL gives it: a timestamp is PostgreSQL's text. */
type Stored<Of extends User> = Omit<Of, 'createdAt'> & { readonly createdAt: string };

const columns = 'id, email, name, role, created_at as "createdAt"';

/** The row with its time as a date, or null when there is none. */
function dated<Row extends { readonly createdAt: string }>(row: Row | undefined) {
  return row === undefined ? null : { ...row, createdAt: new Date(row.createdAt) };
}

/** Users of that database. */
export function createUserStore(database: Database): UserStore {
  return {
    async create(fields) {
      const em = database.em();
      const user = em.create(UserEntity, { ...fields, role: 'customer', createdAt: new Date() });
      try {
        await em.persist(user).flush();
        return user;
      } catch (error) {
        if (error instanceof UniqueConstraintViolationException) return null;
        throw error;
      }
    },
    async findById(id) {
      // plain SQL: every order asks this
      const [row] = await database.sql.query<Stored<User>>(`select ${columns} from users where id = $1`, [
        id,
      ]);
      return dated(row);
    },
    async changeRole(id, role) {
      const [row] = await database.sql.query<Stored<User>>(
        `update users set role = $2 where id = $1 returning ${columns}`,
        [id, role],
      );
      return dated(row);
    },
    async findByEmail(email) {
      // One statement whether there is such a user or not: a second would be seen in the time of a login.
      const [row] = await database.sql.query<Stored<Account>>(
        `select ${columns}, password_hash as "passwordHash" from users where lower(email) = lower($1)`,
        [email],
      );
      return dated(row);
    },
    list: (afterId, count) =>
      database.em().find(UserEntity, { id: { $gt: afterId } }, { orderBy: { id: 'asc' }, limit: count }),
  };
}
