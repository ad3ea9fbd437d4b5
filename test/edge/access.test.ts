/**
 * Every caller, every operation, on the whole mesh: each is answered as it has to be, whatever it pretends to be, and what it
 * showed stands nowhere afterwards.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { parseSigningKeys, type SigningKey } from '@microshop/service-kit/tokens';
import {
  accessTo,
  type Operation,
  operations,
  problemMediaType,
  services,
  subjectHeaders,
} from '@microshop/topology';
import pg from 'pg';
import { describedOperations } from '../harness/api-description.ts';
import { strangers } from '../harness/callers.ts';
import { mesh } from '../harness/mesh.ts';
import {
  type Answer,
  inTime,
  newProduct,
  type OrderAnswer,
  type ProblemAnswer,
  request,
} from '../harness/shop.ts';
import { type LoggedIn, newCustomer, operatorToken, showing } from '../harness/sign-in.ts';
import { allLogs, leaks, tracesSince } from '../harness/telemetry-text.ts';

/** Who sends it: nobody that is known, another user than the one it is about, that one, an admin. */
type Caller = 'nobody' | 'another user' | 'its user' | 'an admin';

const callers: readonly Caller[] = ['nobody', 'another user', 'its user', 'an admin'];

/**
 * The status that each operation answers, in the order of {@link callers}. Written out, though the topology says who may what:
 * who changes it there has to mean it. A token that is not valid is refused with 401 everywhere.
 */
const matrix: Readonly<Record<string, readonly [number, number, number, number]>> = {
  createUser: [201, 201, 201, 201],
  logIn: [200, 200, 200, 200],
  listKeys: [200, 200, 200, 200],
  listUsers: [401, 403, 403, 200],
  showUser: [401, 403, 200, 200],
  changeRole: [401, 403, 403, 200],
  createProduct: [401, 403, 403, 201],
  listProducts: [200, 200, 200, 200],
  showProduct: [200, 200, 200, 200],
  changeProduct: [401, 403, 403, 200],
  changeStock: [401, 403, 403, 200],
  placeOrder: [401, 403, 201, 201],
  // of all orders a user sees its own
  listOrders: [401, 200, 200, 200],
  showOrder: [401, 403, 200, 200],
};

/** The status of that cell. Throws when the matrix does not have it. */
function cell(operation: string, caller: Caller): number {
  const status = matrix[operation]?.[callers.indexOf(caller)];
  if (status === undefined) throw new Error(`The matrix says nothing about ${operation}`);
  return status;
}

const since = new Date();

/** What was shown and made, and must stand nowhere afterwards: the text, and what it is. */
const secrets = new Map<string, string>();

/** Traces of the answers. */
const traceIds: string[] = [];

function keepToken(token: string): void {
  // the head is the same in all
  for (const part of token.split('.').slice(1)) if (part !== '') secrets.set(part, 'a part of a token');
}

function keepAccount({ email, password }: { readonly email: string; readonly password: string }): void {
  secrets.set(email.replace(/@.*/, ''), 'an e-mail').set(password, 'a password');
}

let owner: LoggedIn;
let other: LoggedIn;
let admin: string;
let keys: readonly SigningKey[];
let productId: number;
let orderId: number;

before(async () => {
  [owner, other, admin] = await Promise.all([newCustomer(), newCustomer(), operatorToken()]);
  keys = parseSigningKeys(await mesh.signingKeys());
  for (const one of [owner, other]) keepAccount(one);
  productId = (await newProduct(1000, 1, showing(admin))).id;
  const placed = await send(operationNamed('placeOrder'), owner.token);
  assert.equal(placed.status, 201, JSON.stringify(placed.body));
  orderId = Number(placed.body.id);
});

function operationNamed(name: string): Operation {
  const found = operations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no operation ${name}`);
  return found;
}

function newAccount(): object {
  const account = { email: `${randomUUID()}@example.com`, name: 'Test user', password: randomUUID() };
  keepAccount(account);
  return account;
}

/** What each operation is sent: by its owner, about what is the owner's. */
const bodies: Readonly<Record<string, () => object>> = {
  createUser: newAccount,
  logIn: () => ({ email: owner.email, password: owner.password }),
  changeRole: () => ({ role: 'customer' }),
  createProduct: () => ({ name: `Test product ${randomUUID()}`, price: 1, stock: 1 }),
  changeProduct: () => ({ description: randomUUID() }),
  changeStock: () => ({ delta: 1, reason: 'a test' }),
  placeOrder: () => ({ user_id: owner.id, product_id: productId, quantity: 1 }),
};

/** The number that stands for `{id}`. */
function idOf({ service }: Operation): number {
  return service === 'users' ? owner.id : service === 'products' ? productId : orderId;
}

type Body = Partial<OrderAnswer> & Partial<Omit<ProblemAnswer, 'status'>> & { readonly token?: string };

/** Sends it with headers that pretend to be its owner, an admin, and a peer inside the mesh. */
async function send(operation: Operation, token?: string): Promise<Answer<Body>> {
  if (token !== undefined) keepToken(token);
  const headers = {
    [subjectHeaders.user]: String(owner.id),
    [subjectHeaders.role]: 'admin',
    'X-Mesh-Caller': 'orders',
    ...(token === undefined ? {} : showing(token)),
  };
  const path = operation.path.replace('{id}', String(idOf(operation)));
  const answer = await inTime(() =>
    request<Body>(operation.method, path, bodies[operation.name]?.(), headers),
  );
  if (answer.body.token !== undefined) keepToken(answer.body.token);
  traceIds.push(answer.traceId);
  return answer;
}

test('the matrix has every operation, and the topology says the same', () => {
  assert.deepEqual(Object.keys(matrix).sort(), operations.map(({ name }) => name).sort());
  for (const { name, method, path } of operations) {
    const [nobody, another, own, all] = matrix[name] ?? [];
    assert.ok(Number(all) < 400, name);
    const said =
      own === 403
        ? 'admin'
        : nobody === 401
          ? 'own'
          : another === own
            ? 'everybody'
            : 'nothing that is known';
    assert.equal(accessTo(method, path), said, name);
  }
});

test('each description of the API has its operations, with what is refused of them', async () => {
  for (const { name } of services) {
    const described = await describedOperations(name);
    assert.deepEqual(
      described.map((one) => one.name).sort(),
      operations.flatMap(({ service, name: operation }) => (service === name ? [operation] : [])).sort(),
      `the operations of ${name} and those of the topology`,
    );
    for (const { name: operation, problems, success } of described) {
      const forAll = cell(operation, 'nobody') < 400;
      assert.deepEqual([problems.includes(401), problems.includes(403)], [true, !forAll], operation);
      assert.equal(success, cell(operation, 'an admin'), operation);
    }
  }
});

async function expectEach(token: string | undefined, statusOf: (operation: string) => number) {
  for (const operation of operations) {
    const { name } = operation;
    const answer = await send(operation, token);
    const status = statusOf(name);
    assert.equal(answer.status, status, `${name}: ${JSON.stringify(answer.body)}`);
    assert.equal(answer.headers.has('www-authenticate'), status === 401, name);
    if (status < 400) continue;
    assert.equal(answer.headers.get('content-type')?.split(';')[0], problemMediaType, name);
    assert.equal(answer.body.code, status === 401 ? 'unauthorized' : 'forbidden', name);
    assert.equal(answer.body.trace_id, answer.traceId);
  }
}

const tokenOf: Readonly<Record<Caller, () => string | undefined>> = {
  nobody: () => undefined,
  'another user': () => other.token,
  'its user': () => owner.token,
  'an admin': () => admin,
};

for (const caller of callers) {
  test(`${caller}: what the matrix says`, () =>
    expectEach(tokenOf[caller](), (operation) => cell(operation, caller)));
}

for (const [shown, make] of Object.entries(strangers)) {
  test(`${shown}: nothing, whoever it is about`, async () => {
    for (const holder of [
      { subject: String(owner.id), role: 'customer' },
      { subject: 'operator', role: 'admin' },
    ] as const) {
      await expectEach(await make(holder, keys), () => 401);
    }
  });
}

test('a user sees its own orders in the list, and no other', async () => {
  const list = async (token: string, query = '') =>
    await inTime(() =>
      request<OrderAnswer[]>('GET', `/api/orders?limit=100${query}`, undefined, showing(token)),
    );
  const own = await list(owner.token);
  assert.ok(own.body.length > 0);
  assert.deepEqual([...new Set(own.body.map(({ user_id }) => user_id))], [owner.id]);
  assert.deepEqual((await list(other.token)).body, []);
  assert.equal((await list(other.token, `&user_id=${owner.id}`)).status, 403);
});

test('the key of an order tells another user nothing of it, and places nothing for it', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const order = (userId: number) => ({ user_id: userId, product_id: productId, quantity: 1 });
  const place = (token: string, userId: number) =>
    inTime(() => request<Body>('POST', '/api/orders', order(userId), { ...key, ...showing(token) }));
  const first = await place(owner.token, owner.id);
  assert.equal(first.status, 201);
  for (const [userId, status, code] of [
    [other.id, 422, 'key_reused'],
    [owner.id, 403, 'forbidden'],
  ] as const) {
    const { status: got, body } = await place(other.token, userId);
    assert.deepEqual([got, body.code, body.id], [status, code, undefined]);
  }
  const again = await place(owner.token, owner.id);
  assert.deepEqual([again.status, again.body.id], [201, first.body.id]);
});

/** Whatever writes a line about each order. */
const aboutOrders = ['gateway', ...services.flatMap(({ name }) => [name, `${name}-sidecar`])];

test('no token, e-mail or password stands in a log, those of the servers included', async () => {
  const placed = (await send(operationNamed('placeOrder'), owner.token)).traceId;
  const logs = await eventuallyDespiteErrors('the requests are logged', async () => {
    const all = await allLogs();
    const isThere = (part: string, id: string) => all.get(part)?.includes(id) === true;
    return traceIds.every((id) => isThere('gateway', id)) &&
      aboutOrders.every((part) => isThere(part, placed))
      ? all
      : undefined;
  });
  for (const [part, text] of logs) assert.notEqual(text, '', `${part} has written nothing`);
  assert.ok(secrets.size > 40, `${secrets.size} texts`);
  assert.deepEqual(leaks(logs, secrets), []);
});

test('nor in a span', async () => {
  const traces = await eventuallyDespiteErrors('the spans of every answer are there', async () => {
    const found = await tracesSince(since);
    return traceIds.every((id) => found.get(id)?.includes('"serviceName":"gateway"')) ? found : undefined;
  });
  const all = [...traces.values()];
  for (const name of aboutOrders) {
    assert.ok(
      all.some((text) => text.includes(`"serviceName":"${name}"`)),
      name,
    );
  }
  assert.deepEqual(leaks(traces, secrets), []);
});

test('an e-mail that a server logs is found, and a part of a token among spans', async () => {
  const planted = randomUUID();
  // PostgreSQL logs who could not log in
  const account = { user: planted, password: planted, database: 'users_db' };
  await assert.rejects(new pg.Client({ ...mesh.postgres, ...account }).connect());
  await eventuallyDespiteErrors('it is found', async () => {
    assert.deepEqual(leaks(await allLogs(), new Map([[planted.toUpperCase(), 'planted']])), [
      'postgres: planted',
    ]);
    return true;
  });
  const [part = ''] = owner.token.split('.').slice(-1);
  const span = new Map([['a span', JSON.stringify({ authorization: `Bearer x.y.${part}` })]]);
  assert.deepEqual(leaks(span, secrets), ['a span: a part of a token']);
});
