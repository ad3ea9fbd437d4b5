/** Every caller, every operation, on the whole mesh: each is answered as the topology says. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import {
  type Access,
  type Operation,
  operations,
  problemMediaType,
  services,
  subjectHeaders,
  tokens,
} from '@microshop/topology';
import { generateKeyPair, SignJWT } from 'jose';
import { describedOperations } from '../harness/api-description.ts';
import { mesh } from '../harness/mesh.ts';
import { type Answer, inTime, type OrderAnswer, type ProblemAnswer, request } from '../harness/shop.ts';
import { type LoggedIn, newCustomer, newProductBy, operatorToken, showing } from '../harness/sign-in.ts';

let owner: LoggedIn;
let other: LoggedIn;
let admin: string;
let productId: number;
let orderId: number;

before(async () => {
  [owner, other, admin] = await Promise.all([newCustomer(), newCustomer(), operatorToken()]);
  productId = (await newProductBy(admin, 1000)).id;
  const placed = await send(operationNamed('placeOrder'), owner.token);
  assert.equal(placed.status, 201, JSON.stringify(placed.body));
  orderId = Number(placed.body.id);
});

function operationNamed(name: string): Operation {
  const found = operations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no operation ${name}`);
  return found;
}

/** What each operation is sent: by its owner, about what is the owner's. */
const bodies: Readonly<Record<string, () => object>> = {
  createUser: () => ({ email: `${randomUUID()}@example.com`, name: 'Test user', password: 'long enough' }),
  logIn: () => ({ email: owner.email, password: owner.password }),
  createProduct: () => ({ name: `Test product ${randomUUID()}`, price: 1, stock: 1 }),
  changeProduct: () => ({ description: randomUUID() }),
  changeStock: () => ({ delta: 1, reason: 'a test' }),
  placeOrder: () => ({ user_id: owner.id, product_id: productId, quantity: 1 }),
};

/** The number that stands for `{id}`. */
function idOf({ service }: Operation): number {
  return service === 'users' ? owner.id : service === 'products' ? productId : orderId;
}

type Body = Partial<OrderAnswer> & Partial<Omit<ProblemAnswer, 'status'>>;

/** Sends it with headers that pretend to be somebody. */
async function send(operation: Operation, token?: string): Promise<Answer<Body>> {
  const headers = {
    [subjectHeaders.user]: String(owner.id),
    [subjectHeaders.role]: 'admin',
    'X-Mesh-Caller': 'orders',
    ...(token === undefined ? {} : showing(token)),
  };
  const path = operation.path.replace('{id}', String(idOf(operation)));
  return await inTime(() => request<Body>(operation.method, path, bodies[operation.name]?.(), headers));
}

/** A token whose claims are changed and signed by another key. */
async function resigned(token: string, claims: object = {}): Promise<string> {
  const [head = '', payload = ''] = token.split('.');
  const read = (part: string): object => JSON.parse(Buffer.from(part, 'base64url').toString());
  const { privateKey } = await generateKeyPair(tokens.algorithm);
  return await new SignJWT({ ...read(payload), ...claims })
    .setProtectedHeader({ alg: tokens.algorithm, ...read(head) })
    .sign(privateKey);
}

function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `${header}.${token.split('.')[1]}.`;
}

type Caller = () => Promise<string | undefined>;

/** Who shows no valid token. A token that has ended, and one of another issuer, need our key: `envoy/src/edge-auth.integration.test.ts`. */
const strangers: Readonly<Record<string, Caller>> = {
  'a bad signature': () => resigned(owner.token),
  'an admin of their own making': () => resigned(owner.token, { [tokens.roleClaim]: 'admin' }),
  'another issuer': () => resigned(admin, { iss: 'https://elsewhere.example' }),
  'no signature': async () => unsigned(admin),
  'no token at all': async () => 'nothing',
};

/** Status of a success, from the description of the API. */
const successes = new Map<string, number>();
before(async () => {
  for (const { name } of services) {
    const described = await describedOperations(name);
    for (const one of described) successes.set(one.name, one.success);
    assert.deepEqual(
      described.map((one) => one.name).sort(),
      operations.flatMap(({ service, name: operation }) => (service === name ? [operation] : [])).sort(),
      `the operations of ${name} and those of the topology`,
    );
    for (const { name: operation, problems } of described) {
      const forAll = operationNamed(operation).access === 'everybody';
      assert.deepEqual([problems.includes(401), problems.includes(403)], [true, !forAll], operation);
    }
  }
});

async function expectEach(token: string | undefined, statusOf: (access: Access) => number | 'success') {
  for (const operation of operations) {
    const answer = await send(operation, token);
    const wanted = statusOf(operation.access);
    const status = wanted === 'success' ? successes.get(operation.name) : wanted;
    assert.equal(answer.status, status, `${operation.name}: ${JSON.stringify(answer.body)}`);
    if (wanted === 'success') continue;
    assert.equal(answer.headers.get('content-type')?.split(';')[0], problemMediaType, operation.name);
    assert.equal(answer.body.code, wanted === 401 ? 'unauthorized' : 'forbidden', operation.name);
    assert.equal(answer.body.trace_id, answer.traceId);
    assert.equal(answer.headers.has('www-authenticate'), wanted === 401, operation.name);
  }
}

test('nobody: what is for everybody', () =>
  expectEach(undefined, (access) => (access === 'everybody' ? 'success' : 401)));

for (const [caller, token] of Object.entries(strangers)) {
  test(`${caller}: nothing`, async () => expectEach(await token(), () => 401));
}

test('a user: its own, and what is for everybody', () =>
  expectEach(owner.token, (access) => (access === 'admin' ? 403 : 'success')));

test('another user: nothing of the first', () =>
  // its own list of orders is all of them that it sees
  expectEachButLists(other.token));

async function expectEachButLists(token: string): Promise<void> {
  for (const operation of operations.filter(({ access }) => access === 'own')) {
    const answer = await send(operation, token);
    if (operation.name === 'listOrders') {
      assert.deepEqual([answer.status, answer.body], [200, []]);
      const path = `/api/orders?user_id=${owner.id}`;
      assert.equal((await inTime(() => request('GET', path, undefined, showing(token)))).status, 403);
      continue;
    }
    assert.equal(answer.status, 403, operation.name);
    assert.equal(answer.body.code, 'forbidden');
  }
}

test('an admin: everything', () => expectEach(admin, () => 'success'));

test('a user sees its own orders in the list, and no other', async () => {
  const list = await inTime(() =>
    request<OrderAnswer[]>('GET', '/api/orders?limit=100', undefined, showing(owner.token)),
  );
  assert.ok(list.body.length > 0);
  assert.deepEqual([...new Set(list.body.map(({ user_id }) => user_id))], [owner.id]);
});

test('a token and the e-mail it was given for stand in no log', async () => {
  for (const part of ['gateway', 'users', 'users-sidecar', 'orders', 'orders-sidecar', 'control']) {
    const text = await mesh.logs(part);
    for (const secret of [owner.token, admin, owner.email, owner.password]) {
      assert.ok(!text.includes(secret), part);
      assert.ok(!text.includes(secret.slice(-40)), part);
    }
  }
});
