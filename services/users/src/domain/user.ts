/** A user, and where users are kept. */
import type { Role } from '@microshop/topology';

/** A user as others may see it. */
export interface User {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
}

/** A user with what a login is checked against. */
export interface Account extends User {
  /** PHC string of argon2id. */
  readonly passwordHash: string;
}

/** Fields of a new user, who is a customer. */
export interface NewUser {
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
}

/** Where users are kept. */
export interface UserStore {
  /** The user with its id, or null when the e-mail is taken. */
  create(user: NewUser): Promise<User | null>;
  findById(id: number): Promise<User | null>;
  /** The user with its new role, or null when there is none. */
  changeRole(id: number, role: Role): Promise<User | null>;
  /** The user with its password hash. */
  findByEmail(email: string): Promise<Account | null>;
  /** Up to `count` users with an id above `afterId`, by id. */
  list(afterId: number, count: number): Promise<User[]>;
}
