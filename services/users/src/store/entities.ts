/** Users as they are stored. */
import type { Role } from '@microshop/topology';
import { defineEntity, p } from '@mikro-orm/core';

/** Table `users`. */
export const UserEntity = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.integer().primary(),
    /** As given; unique without regard to case. */
    email: p.text(),
    name: p.text(),
    /** PHC string of argon2id. */
    passwordHash: p.text().lazy(),
    role: p.text().$type<Role>(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
