/**
 * The description of each service's API against its answers: each operation as the page sends it, every problem it
 * declares, and nothing that it does not declare.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { after, before, test } from 'node:test';
import { type FaultRequest, maxBodyBytes, requestHeadLimits, services } from '@microshop/topology';
import {
  allOperations,
  type DescribedOperation,
  methodsAt,
  otherMethods,
  type Received,
} from '../harness/api-description.ts';
import { clearFaults, withFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { inTime, request } from '../harness/shop.ts';

const operations = await allOperations();

before(clearFaults);
after(clearFaults);

/** What is sent in place of the example. */
interface Change {
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends the example, changed. */
async function send({ example }: DescribedOperation, change: Change = {}) {
  const { method, path, body, headers } = { ...example, ...change };
  return await request(method, path, body, { ...example.headers, ...headers });
}

/** Sends the example, changed; again where a busy machine was late with it. */
async function sendInTime(operation: DescribedOperation, change: Change = {}): Promise<Received> {
  return await inTime(() => send(operation, change));
}

/** Asserts that status, and that all of the answer is as described. */
function assertDescribed(operation: DescribedOperation, answer: Received, status: number): void {
  assert.equal(answer.status, status, `${operation.name}: ${JSON.stringify(answer.body)}`);
  assert.deepEqual(operation.violations(answer), [], operation.name);
}

const pathWith = ({ path, pathParameters }: DescribedOperation, value: string): string =>
  pathParameters.reduce((text, name) => text.replace(`{${name}}`, value), path);

const headers = Object.fromEntries(
  Array.from({ length: requestHeadLimits.headers + 1 }, (_, at) => [`x-${at}`, '1']),
);

/** By status: how a request is changed so that it is answered with it; none where the operation has no such change. */
const changes: Readonly<Record<number, (operation: DescribedOperation) => readonly Change[]>> = {
  400: (operation) => [
    ...(operation.example.body === undefined
      ? []
      : [{ body: {} }, { body: '{"__proto__":{}}' }, { body: '{' }]),
    ...(operation.pathParameters.length === 0
      ? []
      : ['x', '0', '9'.repeat(150)].map((id) => ({ path: pathWith(operation, id) }))),
    ...(operation.isList
      ? [{ path: `${operation.path}?limit=0` }, { path: `${operation.path}?cursor=x` }]
      : []),
  ],
  401: ({ example }) => [{ body: { ...example.body, password: 'not this one' } }],
  404: (operation) => [{ path: pathWith(operation, '2147483647') }],
  // it was made by the first Execute
  409: () => [{}],
  413: () => [{ body: JSON.stringify('x'.repeat(maxBodyBytes)) }],
  415: ({ example }) => [{ body: JSON.stringify(example.body), headers: { 'content-type': 'text/plain' } }],
  431: () => [{ headers }],
};

test('each service describes what the gateway serves of it, and nothing else', () => {
  for (const { name, route } of services) {
    const paths = operations.filter(({ service }) => service === name).map(({ path }) => path);
    assert.ok(paths.length > 0, name);
    assert.deepEqual(
      paths.filter((path) => path !== route && !path.startsWith(`${route}/`)),
      [],
    );
  }
});

test('the first Execute of every operation succeeds, and is answered as described', async () => {
  for (const operation of operations)
    assertDescribed(operation, await sendInTime(operation), operation.success);
});

test('an answer that is not as described is found', async () => {
  const [operation] = operations.filter(
    ({ success, pathParameters }) => success === 200 && pathParameters.length > 0,
  );
  assert.ok(operation);
  const answer = await sendInTime(operation);
  assert.deepEqual(operation.violations(answer), []);
  const wrong: readonly [RegExp, Partial<Received>][] = [
    [/must be object/, { body: [] }],
    [/must have required property/, { body: {} }],
    [/must NOT have unevaluated properties/, { body: { ...Object(answer.body), color: 'red' } }],
    [/^200 comes as text\/plain$/, { headers: new Headers({ 'content-type': 'text/plain' }) }],
    [/^200 lacks the header x-trace-id$/, { headers: new Headers({ 'content-type': 'application/json' }) }],
    // not declared anywhere, so it has to be a problem
    [/^201 comes as application\/json$/, { status: 201 }],
  ];
  for (const [violation, change] of wrong) {
    assert.match(operation.violations({ ...answer, ...change }).join('; '), violation);
  }
});

test('a list can be asked for without a limit', async () => {
  for (const operation of operations.filter(({ isList }) => isList)) {
    assertDescribed(operation, await sendInTime(operation, { path: operation.path }), operation.success);
  }
});

/** Statuses that were provoked, by operation. */
const provoked = new Map(operations.map(({ name }) => [name, new Set<number>()]));

async function provoke(status: number, work: (operation: DescribedOperation) => Promise<Received[]>) {
  const declaring = operations.filter(({ problems }) => problems.includes(status));
  await Promise.all(
    declaring.map(async (operation) => {
      const answers = await work(operation);
      for (const answer of answers) assertDescribed(operation, answer, status);
      if (answers.length > 0) provoked.get(operation.name)?.add(status);
    }),
  );
}

for (const [status, change] of Object.entries(changes)) {
  test(`${status} comes as described`, () =>
    provoke(Number(status), (operation) =>
      Promise.all(change(operation).map((one) => sendInTime(operation, one))),
    ));
}

test('422 comes as described: a key that was used for something else', () =>
  provoke(422, async (operation) => {
    const key = { headers: { 'idempotency-key': randomUUID() } };
    assertDescribed(operation, await sendInTime(operation, key), operation.success);
    return [await sendInTime(operation, { ...key, body: { user_id: 1, product_id: 1, quantity: 2 } })];
  }));

/** A request whose body does not come. */
function slow({ example }: DescribedOperation): Promise<Received> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(new URL(example.path, mesh.gateway), {
      method: example.method,
      headers: { 'content-type': 'application/json', 'content-length': 2 },
      timeout: 30_000,
    });
    sending.on('error', reject);
    sending.on('timeout', () => sending.destroy(new Error('no answer in time')));
    sending.on('response', async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString();
      const got = Object.entries(answer.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      resolve({ status: answer.statusCode ?? 0, headers: new Headers(got), body: JSON.parse(text) });
      sending.destroy();
    });
    sending.flushHeaders();
  });
}

test('408 comes as described: a body that does not come', () =>
  provoke(408, async (one) => [await slow(one)]));

/** The limit of the gateway is more than a test can ask for on any machine; a sidecar says 429 in the same words. */
const faults: Readonly<Record<number, Omit<FaultRequest, 'service'>>> = {
  429: { abort: 429 },
  500: { abort: 500 },
  503: { abort: 503 },
  504: { delay_ms: 7000 },
};

for (const [status, fault] of Object.entries(faults)) {
  test(`${status} comes as described`, () =>
    withFaults(
      services.map(({ name }) => ({ service: name, ...fault })),
      () => provoke(Number(status), async (operation) => [await send(operation)]),
    ));
}

test('what is no call of the API comes as the description says of all else', async () => {
  for (const operation of operations) {
    const taken = methodsAt(operations, operation.path);
    for (const method of otherMethods(taken)) {
      const answer = await inTime(() => request(method, operation.example.path));
      const which = `${method} ${operation.path}`;
      assert.equal(answer.status, 405, which);
      assert.equal(answer.headers.get('allow'), taken.join(', '), which);
      // an answer to HEAD has no body
      if (method !== 'HEAD') assert.deepEqual(operation.violations(answer), [], which);
    }
  }
});

test('every problem that is declared has been provoked', () => {
  for (const { name, problems } of operations) {
    assert.deepEqual([...(provoked.get(name) ?? [])].sort(), [...problems].sort(), name);
  }
});
