/** Roles of accounts: an admin gives them, and the next token has them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { instanceNumber, type Role } from '@microshop/topology';
import { execa } from 'execa';
import { root } from '../harness/command.ts';
import { mesh } from '../harness/mesh.ts';
import { inTime, type ProblemAnswer, request } from '../harness/shop.ts';
import { type LoggedIn, logIn, newCustomer, operatorToken, showing } from '../harness/sign-in.ts';

let operator: string;
let user: LoggedIn;
let other: LoggedIn;

before(async () => {
  [operator, user, other] = await Promise.all([operatorToken(), newCustomer(), newCustomer()]);
});

type Changed = Partial<ProblemAnswer> & { readonly role?: Role };

const change = (id: number, body: object, token: string) =>
  inTime(() => request<Changed>('PATCH', `/api/users/${id}`, body, showing(token)));

const listed = async (token: string): Promise<number> =>
  (await inTime(() => request('GET', '/api/users?limit=1', undefined, showing(token)))).status;

const tokenNow = async (): Promise<string> => (await logIn(user.email, user.password)).token;

const roleNow = async (): Promise<Role | undefined> => {
  const own = () => request<Changed>('GET', `/api/users/${user.id}`, undefined, showing(operator));
  return (await inTime(own)).body.role;
};

test('an account is a customer until an admin says otherwise, and not by itself', async () => {
  assert.equal(await roleNow(), 'customer');
  assert.equal((await change(user.id, { role: 'admin' }, user.token)).status, 403);
  assert.equal(await listed(await tokenNow()), 403);
});

test('the next token has the new role; one from before keeps its own, but gives no roles', async () => {
  const made = await change(user.id, { role: 'admin' }, operator);
  assert.deepEqual([made.status, made.body.role], [200, 'admin']);
  assert.equal(await listed(user.token), 403);
  const asAdmin = await tokenNow();
  assert.equal(await listed(asAdmin), 200);

  // an admin of an account may do what every admin may, twice as well
  for (const role of ['admin', 'admin', 'customer']) {
    const { status, body } = await change(other.id, { role }, asAdmin);
    assert.deepEqual([status, body.role], [200, role]);
  }
  assert.equal((await change(user.id, { role: 'customer' }, operator)).status, 200);
  assert.equal(await listed(asAdmin), 200);
  const again = await change(user.id, { role: 'admin' }, asAdmin);
  assert.deepEqual([again.status, again.body.code], [403, 'forbidden']);
  assert.equal(await roleNow(), 'customer');
  assert.equal(await listed(await tokenNow()), 403);
});

test('another role, another field and nobody are refused by name', async () => {
  for (const [body, named] of [
    [{ role: 'owner' }, /^body\.role must be one of/],
    [{}, /^body\.role is required$/],
    [{ role: 'admin', name: 'Ada' }, /^body\.name is not a known field/],
  ] as const) {
    const { status, body: problem } = await change(user.id, body, operator);
    assert.deepEqual([status, problem.code], [400, 'bad_request'], JSON.stringify(body));
    assert.match(String(problem.detail), named);
  }
  const { status, body } = await change(2_000_000_000, { role: 'admin' }, operator);
  assert.deepEqual([status, body.code], [404, 'not_found']);
});

test('it is done as docs/security.md has it', async () => {
  const page = await readFile(path.join(root, 'docs/security.md'), 'utf8');
  const line = page.split('\n').find((one) => one.includes('-X PATCH $shop/api/users/1'));
  assert.ok(line);
  const typed = line.replace('/api/users/1', `/api/users/${user.id}`);
  const trust = path.join(runDirectory(instanceNumber()).certificates, 'edge/trust.pem');
  const env = { shop: mesh.gateway, CURL_CA_BUNDLE: trust };
  const { stdout } = await execa('sh', ['-c', typed], { cwd: root, env });
  const { role }: Changed = JSON.parse(stdout);
  assert.equal(role, 'admin');
});
