/**
 * The trace of an order goes through the outbox: with that taken out on purpose, the checker names the hop where it ends.
 * A checker that finds every trace whole, whatever is done to them, would prove nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figure } from '@microshop/control/completeness/figure';
import { orderSource } from '@microshop/control/completeness/orders';
import { readGaps } from '@microshop/control/completeness/outcome';
import { startChecker } from '@microshop/control/completeness/routes';
import { jaegerClient } from '@microshop/control/trace/jaeger';
import { runDirectory, runnerEventsFile } from '@microshop/program-kit/run-directory';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { instanceNumber, nativePlacement, podsOf } from '@microshop/topology';
import { startApps } from '../harness/apps.ts';
import { mesh } from '../harness/mesh.ts';
import { type Edit, mutantEnvironment } from '../harness/mutant.ts';
import { quiet } from '../harness/scratch.ts';
import { accepted, endOf, newProduct, newUser, placeOrder } from '../harness/shop.ts';
import { spansOfOrder } from '../harness/traces.ts';

const placement = nativePlacement({ instance: instanceNumber() });

/** Runs the orders service with those edits in the place of the mesh's own, for the length of the work. */
async function withMutantOrders<T>(edits: readonly Edit[], work: () => Promise<T>): Promise<T> {
  await mesh.stop('orders');
  try {
    const pods = podsOf(placement, 'orders');
    const apps = await startApps({ ...placement, pods }, mutantEnvironment(edits));
    try {
      return await work();
    } finally {
      await apps.stop();
    }
  } finally {
    await mesh.start('orders');
  }
}

/** Who has a span in the trace of an order, up to the hop where it ends here. */
const callers = ['gateway', 'orders', 'users', 'products'].flatMap((name) =>
  name === 'gateway' ? [name] : [name, `${name}-sidecar`],
);

/** Resolves when the spans of the request are in Jaeger: what a busy machine sends late is not missing. */
function requestTraced(traceId: string): Promise<true> {
  return eventuallyDespiteErrors('the spans of the request are in Jaeger', async () => {
    const spans = await spansOfOrder({ traceId });
    const servers = new Set(spans.filter(({ kind }) => kind === 'server').map(({ service }) => service));
    return callers.every((service) => servers.has(service));
  });
}

/** What the control service's checker, in more of a hurry, says once it has judged that order. */
async function figureWith(traceId: string): Promise<Figure> {
  const checker = startChecker({
    traces: jaegerClient(mesh.jaeger),
    orders: orderSource((text, params) => mesh.sql('orders_db', text, params)),
    gaps: () => readGaps(runnerEventsFile(runDirectory(instanceNumber()))),
    log: quiet,
    limits: { everyMs: 250, settleMs: 3000, windowMs: 60_000 },
  });
  try {
    return await eventuallyDespiteErrors(`the checker finds trace ${traceId} incomplete`, async () => {
      const figure = checker.figure();
      return figure.missing.some((one) => one.trace_id === traceId) ? figure : undefined;
    });
  } finally {
    await checker.close();
  }
}

const mutants: readonly { readonly what: string; readonly edit: Edit }[] = [
  {
    what: 'the outbox keeps no context',
    edit: {
      file: 'packages/events/src/message.ts',
      from: 'propagation.inject(of, headers);',
      to: 'void of;',
    },
  },
  {
    what: 'the relay publishes outside of the context that the outbox kept',
    edit: {
      file: 'packages/events/src/under-way.ts',
      from: 'const origin = propagation.extract(ROOT_CONTEXT, row.headers);',
      to: 'const origin = ROOT_CONTEXT;',
    },
  },
];

for (const { what, edit } of mutants) {
  test(`found: ${what} (the checker names the hop)`, async () => {
    const [user, product] = await Promise.all([newUser(), newProduct(10)]);
    const figure = await withMutantOrders([edit], async () => {
      const order = { user_id: user.id, product_id: product.id, quantity: 1 };
      const { traceId, body } = await accepted(() => placeOrder(order));
      await endOf(body.id);
      await requestTraced(traceId);
      return { traceId, ...(await figureWith(traceId)) };
    });
    assert.deepEqual(
      figure.missing.filter((one) => one.trace_id === figure.traceId).map(({ hop }) => hop),
      ['orders publishes ORDER_CREATED'],
    );
  });
}
