import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createService } from '@microshop/service-kit';
import { pino } from 'pino';
import { createPasswords } from '../domain/password.ts';
import type { Account } from '../domain/user.ts';
import { userRoutes } from './users.ts';

/** The routes with one user, and what each login has derived: the costs, by login. */
async function build(t: TestContext, passwordHash?: string) {
  const derived: string[] = [];
  const passwords = createPasswords({
    derive: async (_password, _salt, cost) => {
      derived.push(JSON.stringify(cost));
      return Buffer.alloc(cost.tagLength, 1);
    },
  });
  const known: Account = {
    id: 1,
    email: 'known@example.com',
    name: 'Known',
    role: 'customer',
    passwordHash: passwordHash ?? (await passwords.hash('right password')),
    createdAt: new Date(0),
  };
  const logger = pino({ level: 'silent' });
  const service = await createService({ name: 'users', description: 'Users', version: '0', logger });
  t.after(() => service.close());
  const users = {
    create: async () => null,
    findById: async () => null,
    changeRole: async () => null,
    findByEmail: async (email: string) => (email === known.email ? known : null),
    list: async () => [],
  };
  await service.register(userRoutes, { users, passwords });
  return async (email: string) => {
    derived.length = 0;
    const answer = await service.inject({
      method: 'POST',
      url: '/api/users/login',
      payload: { email, password: 'a password' },
    });
    return { status: answer.statusCode, derived: [...derived].sort() };
  };
}

test('a login does the same work for a user who is not there', async (t) => {
  const login = await build(t);
  const [known, unknown] = [await login('known@example.com'), await login('unknown@example.com')];
  assert.deepEqual([known.status, unknown.status], [200, 401]);
  assert.equal(known.derived.length, 1);
  assert.deepEqual(unknown.derived, known.derived);
});

test('also when a password was stored with other parameters, and in either order', async (t) => {
  const tag = Buffer.alloc(16, 2).toString('base64').replaceAll('=', '');
  const login = await build(t, `$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHRzYWx0$${tag}`);
  const known = await login('known@example.com');
  const unknown = await login('unknown@example.com');
  assert.deepEqual([known.status, unknown.status], [401, 401]);
  assert.equal(known.derived.length, 2);
  assert.deepEqual(unknown.derived, known.derived);
  assert.deepEqual((await login('known@example.com')).derived, known.derived);
});
