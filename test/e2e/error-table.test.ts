/**
 * Every failure as each side sees it: what the client gets, the response flags of the caller's and the callee's
 * Envoy, and the class the caller's app logs. The table of docs/reference/errors.md, cell by cell: over the two edges of an
 * order, and over the three edges of the gateway.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { edgePolicy, type FaultRequest } from '@microshop/topology';
import { flagsOf, type LogLine, linesOf } from '../harness/envoy.ts';
import { clearFaults, withFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import {
  type Answer,
  accepted,
  isLate,
  newProduct,
  newUser,
  orderPlaced,
  type ProblemAnswer,
  placeAtOnce,
  placeOrder,
  request,
} from '../harness/shop.ts';

/** Whom the rows are about. */
type Callee = 'users' | 'products' | 'orders';

/** What a caller and its callee show of one call. */
interface Sight {
  readonly status: number;
  /** `code` of the problem; none when the call succeeded. */
  readonly code?: string;
  /** Flags of the caller's Envoy. */
  readonly caller: readonly string[];
  /** Flags of each line of the callee's Envoy, one per attempt; none: it saw nothing. */
  readonly callee: readonly (readonly string[])[];
}

interface Row {
  readonly what: string;
  /** Brings the failure about at that service for the length of the work. */
  readonly at: (callee: Callee, work: () => Promise<void>) => Promise<void>;
  /** `POST /api/orders` over the edge from orders. */
  readonly order: Sight & {
    readonly errorClass?: string;
    /** Time within which the call ends, milliseconds; of one that takes longer the machine was late with an attempt. */
    readonly withinMs?: number;
  };
  /** `GET /api/<service>/<id>` over the edge from the gateway. */
  readonly direct: Sight;
}

const fault =
  (what: Omit<FaultRequest, 'service'>): Row['at'] =>
  (callee, work) =>
    withFaults([{ service: callee, ...what }], work);

const without =
  (part: (callee: Callee) => string): Row['at'] =>
  async (callee, work) => {
    await mesh.stop(part(callee));
    try {
      await work();
    } finally {
      await mesh.start(part(callee));
    }
  };

const eachTry = (...flags: readonly string[]) => Array.from({ length: edgePolicy.tries }, () => flags);
const unavailable = { status: 503, code: 'dependency_unavailable' } as const;

const rows: readonly Row[] = [
  {
    what: 'abort 503',
    at: fault({ abort: 503 }),
    order: { ...unavailable, caller: ['URX'], callee: eachTry('FI'), errorClass: 'dependency_unavailable' },
    direct: { ...unavailable, caller: [], callee: [['FI']] },
  },
  {
    what: 'abort 404',
    at: fault({ abort: 404 }),
    order: { status: 400, code: 'not_found', caller: [], callee: [['FI']], errorClass: 'not_found' },
    direct: { status: 404, code: 'not_found', caller: [], callee: [['FI']] },
  },
  {
    what: 'answer replaced by 503',
    at: fault({ replace_answer: 503 }),
    order: { ...unavailable, caller: ['URX'], callee: eachTry(), errorClass: 'dependency_unavailable' },
    direct: { ...unavailable, caller: [], callee: [[]] },
  },
  {
    what: 'delay under the limit of an attempt',
    at: fault({ delay_ms: 300 }),
    order: { status: 201, caller: [], callee: [['DI']] },
    direct: { status: 200, caller: [], callee: [['DI']] },
  },
  {
    what: 'delay over it',
    at: fault({ delay_ms: 7000 }),
    order: {
      status: 503,
      code: 'dependency_timeout',
      caller: ['URX', 'UT'],
      callee: eachTry('DI', 'DR'),
      errorClass: 'dependency_timeout',
      withinMs: edgePolicy.timeoutMs,
    },
    direct: { status: 504, code: 'deadline_exceeded', caller: ['UT'], callee: [['DI', 'DR']] },
  },
  {
    what: 'app down, sidecar up',
    at: without((callee) => callee),
    order: { ...unavailable, caller: ['URX'], callee: eachTry('UF'), errorClass: 'dependency_unavailable' },
    direct: { ...unavailable, caller: ['URX'], callee: [['UF'], ['UF']] },
  },
  {
    what: 'sidecar down',
    at: without((callee) => `${callee}-sidecar`),
    order: { ...unavailable, caller: ['UF', 'URX'], callee: [], errorClass: 'dependency_unavailable' },
    direct: { ...unavailable, caller: ['UF', 'URX'], callee: [] },
  },
];

let user: { id: number };
let product: { id: number };
let orderId: number;
before(async () => {
  await clearFaults();
  user = await newUser();
  product = await newProduct(10_000);
  orderId = (await orderPlaced(order())).body.id;
});
after(clearFaults);

const order = () => ({ user_id: user.id, product_id: product.id, quantity: 1 });
const place = () => placeOrder(order());

/** Lines of the callee's Envoy about calls of that caller, when as many as expected are there. */
async function calleeLines(callee: Callee, traceId: string, caller: string, count: number) {
  return await eventuallyDespiteErrors(
    `${callee}-sidecar has logged ${count} lines about ${traceId}`,
    async () => {
      const lines = await linesOf(`${callee}-sidecar`, traceId);
      const found = lines.filter((line) => line['direction'] === 'inbound' && line['caller'] === caller);
      return found.length >= count ? found : undefined;
    },
  );
}

async function callerLine(part: string, traceId: string, isIt: (line: LogLine) => boolean): Promise<LogLine> {
  return await eventuallyDespiteErrors(`${part} has logged its line about ${traceId}`, async () =>
    (await linesOf(part, traceId)).find(isIt),
  );
}

function check(
  answer: Answer<{ code?: string }>,
  expected: Sight,
  line: LogLine,
  callee: readonly LogLine[],
) {
  assert.equal(answer.status, expected.status, JSON.stringify(answer.body));
  assert.equal(answer.body.code, expected.code);
  assert.deepEqual(flagsOf(line), expected.caller, `caller: ${JSON.stringify(line)}`);
  // a caller that gives up resets its stream (DR); once in a while its connection goes with it (DC)
  const seen = callee.map((one) =>
    flagsOf(one)
      .map((flag) => (flag === 'DC' ? 'DR' : flag))
      .sort(),
  );
  assert.deepEqual(seen, expected.callee, 'callee');
}

/** The line orders' app writes about its call to a peer. */
async function appLine(traceId: string, peer: Callee): Promise<LogLine> {
  return await callerLine('orders', traceId, (line) => line['peer'] === peer && 'duration_ms' in line);
}

/** The line that orders' Envoy writes about its call to a peer. */
function outboundLine(traceId: string, peer: Callee): Promise<LogLine> {
  return callerLine(
    'orders-sidecar',
    traceId,
    ({ direction, host }) => direction === 'outbound' && host === peer,
  );
}

/** An order whose call of the callee ended in its time, and the line about that call: an attempt that is late gets another one. */
async function orderInTime(callee: Callee, withinMs: number) {
  return await eventually('an order whose call ended in its time', async () => {
    const answer = await place();
    const { code, dependency } = answer.body;
    // this one is what a row is about
    const timedOut = code === 'dependency_timeout' && dependency === callee;
    if (isLate(answer) && !timedOut) return undefined;
    const line = await outboundLine(answer.traceId, callee);
    return Number(line['duration_ms']) < withinMs ? { answer, line } : undefined;
  });
}

async function orderOver(callee: Callee, { order: expected }: Row): Promise<void> {
  const { withinMs = edgePolicy.perTryTimeoutMs } = expected;
  const { answer, line } = await orderInTime(callee, withinMs);
  const { traceId } = answer;
  check(answer, expected, line, await calleeLines(callee, traceId, 'orders', expected.callee.length));
  assert.equal((await appLine(traceId, callee))['error_class'], expected.errorClass);
}

async function directTo(callee: Callee, { direct }: Row): Promise<void> {
  const id = { users: user.id, products: product.id, orders: orderId }[callee];
  const answer = await eventually('an answer in time, or late as it has to be', async () => {
    const got = await request<ProblemAnswer>('GET', `/api/${callee}/${id}`);
    return isLate(got) && got.body.code !== direct.code ? undefined : got;
  });
  const line = await callerLine('gateway', answer.traceId, ({ direction }) => direction === 'edge');
  check(answer, direct, line, await calleeLines(callee, answer.traceId, 'gateway', direct.callee.length));
}

for (const row of rows) {
  for (const callee of ['users', 'products'] as const) {
    test(`${row.what}: orders → ${callee}, gateway → ${callee}`, () =>
      row.at(callee, async () => {
        await Promise.all([orderOver(callee, row), directTo(callee, row)]);
      }));
  }
  test(`${row.what}: gateway → orders`, () => row.at('orders', () => directTo('orders', row)));
}

/** Nothing left orders' sidecar for that peer, and its app says why. */
async function noAttempt(traceId: string, callee: Callee, errorClass: string): Promise<void> {
  assert.equal((await appLine(traceId, callee))['error_class'], errorClass);
  // the lines of one Envoy come in order: when the line about the whole request is there, so would be that of a call
  await callerLine('orders-sidecar', traceId, ({ direction }) => direction === 'inbound');
  const lines = await linesOf('orders-sidecar', traceId);
  assert.deepEqual(
    lines.filter(({ direction, host }) => direction === 'outbound' && host === callee),
    [],
  );
}

for (const callee of ['users', 'products'] as const) {
  test(`breaker open: orders → ${callee}`, async () => {
    await withFaults([{ service: callee, from: 'orders', abort: 503 }], async () => {
      const open = await eventuallyDespiteErrors('the breaker opens', async () => {
        // as many as it takes to open it, so that a slow machine has them within its window, too
        const answers = await Promise.all(
          Array.from({ length: edgePolicy.breaker.volumeThreshold + 4 }, place),
        );
        return answers.find(({ body }) => body.code === 'breaker_open' && body.dependency === callee);
      });
      assert.equal(open.status, 503);
      await noAttempt(open.traceId, callee, 'breaker_open');
    });
    await accepted(place);
  });

  test(`breaker at capacity: orders → ${callee}`, async () => {
    const over = await eventuallyDespiteErrors(
      'more calls are under way than the breaker takes',
      async () => {
        // on a busy machine the calls may not all be under way within one attempt: the breaker is open after it
        await accepted(place);
        return await withFaults([{ service: callee, from: 'orders', delay_ms: 7000 }], async () => {
          const answers = await placeAtOnce(edgePolicy.breaker.capacity * 2, order());
          // the other peer may be at its capacity for a moment, too
          return answers.find(({ body }) => body.code === 'overloaded' && body.dependency === callee);
        });
      },
      90_000,
    );
    assert.equal(over.status, 503);
    await noAttempt(over.traceId, callee, 'overloaded');
    await accepted(place);
  });
}

test('own deadline passed before a peer is asked: 504, and no peer is asked', async () => {
  await withFaults([{ service: 'orders', from: 'gateway', delay_ms: 3600 }], async () => {
    const answer = await place();
    assert.deepEqual([answer.status, answer.body.code], [504, 'deadline_exceeded']);
    const failed = await callerLine('orders', answer.traceId, (line) => line['code'] === 'deadline_exceeded');
    assert.equal(failed['status'], 504);
    await callerLine('orders-sidecar', answer.traceId, ({ direction }) => direction === 'inbound');
    const lines = await linesOf('orders-sidecar', answer.traceId);
    assert.deepEqual(
      lines.filter(({ direction }) => direction === 'outbound'),
      [],
    );
  });
});

for (const callee of ['users', 'products'] as const) {
  test(`own deadline passes while ${callee} is asked: 504, and the call is given up`, async () => {
    const late: FaultRequest = { service: 'orders', from: 'gateway', delay_ms: 2500 };
    const slow: FaultRequest = { service: callee, from: 'orders', delay_ms: 7000 };
    await withFaults([late, slow], async () => {
      // a busy machine may be so late that orders has no time left to ask, or the gateway none to wait for orders
      const answer = await eventually('orders has asked its peers, and is waited for', async () => {
        const late = await place();
        assert.deepEqual([late.status, late.body.code], [504, 'deadline_exceeded']);
        return late.body.dependency === undefined || late.body.dependency === 'orders' ? undefined : late;
      });
      assert.equal(answer.body.dependency, callee);
      assert.equal((await appLine(answer.traceId, callee))['error_class'], 'deadline_exceeded');
      assert.deepEqual(flagsOf(await outboundLine(answer.traceId, callee)), ['DC']);
    });
  });
}
