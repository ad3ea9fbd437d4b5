import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createService } from '@microshop/service-kit';
import { pino } from 'pino';
import type { User } from '../domain/user.ts';
import { userRoutes } from './users.ts';

const unasked = () => Promise.reject(new Error('not called here'));

/** The routes with an admin, user 1, and a customer, user 2; without tokens where clients are not authenticated. */
async function build(edgeAuth = true) {
  const named = (id: number, role: User['role']): User => ({
    ...{ id, email: `${id}@example.com`, name: `User ${id}` },
    ...{ role, createdAt: new Date(0) },
  });
  const users = new Map([named(1, 'admin'), named(2, 'customer')].map((user) => [user.id, user]));
  const service = await createService({
    ...{ name: 'users', description: 'Users', version: '0' },
    logger: pino({ level: 'silent' }),
  });
  await service.register(userRoutes, {
    users: {
      create: unasked,
      findByEmail: unasked,
      findById: async (id: number) => users.get(id) ?? null,
      changeRole: async (id: number, role: User['role']) => {
        const user = users.get(id);
        if (user === undefined) return null;
        users.set(id, { ...user, role });
        return { ...user, role };
      },
      list: async () => [...users.values()],
    },
    passwords: { hash: unasked, verify: unasked },
    ...(edgeAuth ? { tokens: { issueTo: unasked, publicKeys: unasked } } : {}),
  });
  const ask = async (method: 'GET' | 'PATCH', id: number, headers: Record<string, string>, body?: object) => {
    const answer = await service.inject({
      ...{ method, url: `/api/users/${id}`, headers: { 'x-mesh-caller': 'gateway', ...headers } },
      ...(body === undefined ? {} : { payload: body }),
    });
    const got: { role?: string; detail?: string } = answer.json();
    return { status: answer.statusCode, ...got };
  };
  return {
    ask,
    roleOf: (id: number) => users.get(id)?.role,
    give: (id: number, role: string, headers: Record<string, string>) => ask('PATCH', id, headers, { role }),
  };
}

const by = (user: string, role: User['role']) => ({ 'x-mesh-user': user, 'x-mesh-role': role });
const operator = by('operator', 'admin');

test('the operator and an account of an admin give roles, the same one twice as well', async () => {
  const { give, roleOf } = await build();
  for (const who of [operator, by('1', 'admin')]) {
    for (const role of ['admin', 'admin', 'customer', 'customer']) {
      const { status, role: now } = await give(2, role, who);
      assert.deepEqual([status, now], [200, role]);
      assert.equal(roleOf(2), role);
    }
  }
});

test('who is no admin gives none, nor does one who was when the token was issued, or a peer', async () => {
  const { give, roleOf } = await build();
  assert.equal((await give(1, 'customer', operator)).status, 200);
  const former = await give(1, 'admin', by('1', 'admin'));
  assert.equal(former.status, 403);
  assert.match(String(former.detail), /^User 1 is no longer an admin/);
  for (const [who, status] of [
    [by('2', 'customer'), 403],
    [by('operator', 'customer'), 403],
    // whose account is gone
    [by('3', 'admin'), 403],
    [{}, 401],
    [{ 'x-mesh-caller': 'orders' }, 403],
  ] as const) {
    assert.equal((await give(2, 'admin', who)).status, status, JSON.stringify(who));
  }
  assert.deepEqual([roleOf(1), roleOf(2)], ['customer', 'customer']);
});

test('the last admin may step down: the operator makes another', async () => {
  const { give, roleOf } = await build();
  assert.equal((await give(1, 'customer', by('1', 'admin'))).status, 200);
  assert.equal((await give(2, 'admin', operator)).status, 200);
  assert.deepEqual([roleOf(1), roleOf(2)], ['customer', 'admin']);
});

test('what is not a role, another field, a missing one and nobody are refused by name', async () => {
  const { ask, roleOf } = await build();
  for (const [id, body, status, named] of [
    [2, { role: 'owner' }, 400, /^body\.role must be one of \["customer","admin"\]$/],
    [2, { role: ['admin'] }, 400, /^body\.role must be/],
    [2, { role: null }, 400, /^body\.role must be/],
    [2, {}, 400, /^body\.role is required$/],
    [2, { role: 'admin', name: 'Ada' }, 400, /^body\.name is not a known field; remove it$/],
    [7, { role: 'admin' }, 404, /^There is no user 7/],
  ] as const) {
    const { status: got, detail } = await ask('PATCH', id, operator, body);
    assert.equal(got, status, JSON.stringify(body));
    assert.match(String(detail), named);
  }
  assert.equal(roleOf(2), 'customer');
});

test('a role is shown, and given, only where clients are authenticated', async () => {
  const [withAuth, without] = [await build(), await build(false)];
  assert.equal((await withAuth.ask('GET', 1, operator)).role, 'admin');
  const { status, role } = await without.ask('GET', 1, {});
  assert.deepEqual([status, role], [200, undefined]);
  assert.equal((await without.give(2, 'admin', {})).status, 404);
  assert.equal(without.roleOf(2), 'customer');
});
