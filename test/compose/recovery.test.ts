/** Restarts and crashes: the mesh recovers alone or with `docker compose up -d`, and every accepted order ends. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { containerOf, dockerDone, inContainer } from '../harness/docker.ts';
import { mesh } from '../harness/mesh.ts';
import { accepted as acceptedWithin, endOf, newProduct, newUser, placeOrder } from '../harness/shop.ts';

/** Pause between two orders, milliseconds. */
const pauseMs = 50;

/** Time in which an order is accepted, whatever happens meanwhile, milliseconds. */
const answeredWithinMs = 180_000;

/** Time in which a pod serves again: until its dead namespace is noticed, and an app has started; milliseconds. */
const recoveredWithinMs = 180_000;

let user: { id: number };
/** Made before anything is stopped. */
let goods: { id: number };
before(async () => {
  [user, goods] = await Promise.all([newUser(), newProduct(1000)]);
});

/** Places one order after the other, each until it is accepted, until it is told to end; their ids, in their order. */
function traffic(productId: number) {
  const accepted: number[] = [];
  let going = true;
  const sending = (async () => {
    while (going) {
      // whatever dies may take the answer of an order along that was written: the client asks again with its key
      const key = randomUUID();
      const order = { user_id: user.id, product_id: productId, quantity: 1 };
      const answer = await acceptedWithin(() => placeOrder(order, key), answeredWithinMs);
      accepted.push(answer.body.id);
      await delay(pauseMs);
    }
  })();
  /** Resolves when that many more orders have been accepted. */
  const more = async (count: number) => {
    const wanted = accepted.length + count;
    await eventuallyDespiteErrors(
      `${count} more orders are accepted`,
      async () => (accepted.length >= wanted ? true : undefined),
      answeredWithinMs,
    );
  };
  const end = async () => {
    going = false;
    await sending;
    return accepted;
  };
  return { more, end };
}

/** Does something to the mesh under orders, and waits for all that were accepted to end. */
async function underOrders(deed: () => Promise<unknown>): Promise<void> {
  const product = await newProduct(100_000);
  const orders = traffic(product.id);
  await orders.more(10);
  await deed();
  await orders.more(20);
  const accepted = await orders.end();
  const statuses = await Promise.all(accepted.map(async (id) => (await endOf(id, answeredWithinMs)).status));
  assert.ok(accepted.length >= 30);
  assert.deepEqual([...new Set(statuses)], ['CONFIRMED']);
  const [row] = await mesh.sql<{ reserved: number }>(
    'products_db',
    'select -sum(delta)::integer as reserved from stock_movements where product_id = $1 and order_id is not null',
    [product.id],
  );
  assert.equal(row?.reserved, accepted.length);
}

test('docker compose restart orders: its sidecar is not stranded, and is not restarted', async () => {
  const before = await containerOf('orders-sidecar');
  await underOrders(() => dockerDone(['compose', 'restart', 'orders']));
  const after = await containerOf('orders-sidecar');
  assert.deepEqual([after.Id, after.State.StartedAt], [before.Id, before.State.StartedAt]);
});

test('products killed: the engine starts it again, into the pod where its sidecar waits', async () => {
  const before = await containerOf('products-sidecar');
  await underOrders(() => mesh.kill('products'));
  const after = await containerOf('products-sidecar');
  assert.deepEqual([after.Id, after.State.StartedAt], [before.Id, before.State.StartedAt]);
  assert.ok((await containerOf('products')).RestartCount >= 1);
});

test('docker compose kill products: the engine leaves it down, and start brings it back', async () => {
  await underOrders(async () => {
    await dockerDone(['compose', 'kill', 'products']);
    await mesh.start('products');
  });
});

test('docker compose restart rabbitmq', async () => {
  await underOrders(() => dockerDone(['compose', 'restart', 'rabbitmq']));
});

test('a sidecar killed', async () => {
  await underOrders(() => mesh.kill('orders-sidecar'));
});

/** An order is accepted, at the latest when the mesh has recovered, and ends. */
async function orderEnds(): Promise<void> {
  const key = randomUUID();
  const order = { user_id: user.id, product_id: goods.id, quantity: 1 };
  const answer = await acceptedWithin(() => placeOrder(order, key), recoveredWithinMs);
  assert.equal((await endOf(answer.body.id, answeredWithinMs)).status, 'CONFIRMED');
}

async function allWell(): Promise<void> {
  const well = async () => ((await mesh.unwell()).length === 0 ? true : undefined);
  await eventuallyDespiteErrors('every container is healthy', well, recoveredWithinMs);
}

/** What can be done to a container, and how it then runs again. */
const deeds: readonly (readonly [string, ...(readonly string[])[]])[] = [
  ['restart', ['restart']],
  ['stop, then start', ['stop'], ['start']],
  ['kill, then start', ['kill'], ['start']],
];

/** A pod's own container, an app and a sidecar: of three pods, so that each has to serve again by itself. */
const parts = ['users-pod', 'products', 'orders-sidecar'];

for (const [name, ...commands] of deeds) {
  test(`${parts.join(', ')} at once: docker compose ${name}: every pod serves again`, async () => {
    await Promise.all(
      parts.map(async (part) => {
        for (const [command = '', ...options] of commands) {
          await dockerDone(['compose', command, ...options, part]);
          // it does nothing, so it must end as soon as it is asked to
          if (command === 'stop' && part === 'users-pod') {
            assert.equal((await containerOf(part)).State.ExitCode, 0);
          }
        }
      }),
    );
    await orderEnds();
    await allWell();
  });
}

test('a pod down: what lived in it does not stay healthy in a dead namespace, and up --wait brings all back', async () => {
  await dockerDone(['compose', 'kill', 'users-pod']);
  const members = ['users', 'users-sidecar', 'users-pod'];
  await eventuallyDespiteErrors(
    'app and sidecar have ended',
    async () => {
      const unwell = await mesh.unwell();
      return members.every((part) => unwell.includes(part)) ? true : undefined;
    },
    recoveredWithinMs,
  );
  await dockerDone(['compose', 'up', '--detach', '--wait', '--no-build', '--pull', 'never']);
  assert.deepEqual(await mesh.unwell(), []);
  await orderEnds();
});

test('up --wait right after a pod was killed: when it returns, app and sidecar are in the new namespace', async () => {
  await dockerDone(['compose', 'kill', 'users-pod']);
  await dockerDone(['compose', 'up', '--detach', '--wait', '--no-build', '--pull', 'never']);
  const namespace = async (part: string) => await inContainer(part, 'readlink', '/proc/self/ns/net');
  const [ofPod, ...others] = await Promise.all(['users-pod', 'users', 'users-sidecar'].map(namespace));
  assert.deepEqual(new Set(others), new Set([ofPod]));
  await orderEnds();
});
