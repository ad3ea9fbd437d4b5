/** `./mesh order`: places one order and shows its story. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Order } from '@microshop/control/service/shop';
import { type PlacedOrder, RefusedError, type Shop, shopClient } from '@microshop/control/service/shop';
import type { MeshAddresses } from '@microshop/program-kit/addresses';
import { wordsHere } from '@microshop/program-kit/typed-here';
import { orderLimits } from '@microshop/topology';
import type { Command } from 'commander';
import { controlClient, whenComplete } from '../mesh/control-client.ts';
import { explanationOf, runningMesh } from '../mesh/running-mesh.ts';
import { jaegerPage } from '../mesh/settings.ts';
import { CommandFailed, exitCodes } from '../output/errors.ts';
import { print, progress, wrapped } from '../output/output.ts';
import { positiveInteger } from '../output/values.ts';
import { waterfall } from '../text/waterfall.ts';

/** How long to follow an order before it is said to wait, milliseconds. */
const endLimitMs = 15_000;
/** Pause between two polls of an order, milliseconds. */
const lookEveryMs = 50;
/** How long to wait for the spans to reach Jaeger, milliseconds. */
const traceLimitMs = 10_000;

interface OrderOptions {
  readonly user?: string;
  readonly product?: string;
  readonly quantity: string;
}

/** The id of the first entry. When the list is refused it is 1, the first id in the demo data. */
async function firstId(what: string, of: Promise<readonly { readonly id: number }[]>): Promise<number> {
  try {
    const [first] = await of;
    if (first === undefined) throw new CommandFailed(`The shop has no ${what}`);
    return first.id;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { status, code } = error.refusal;
    progress(`The list of ${what} was refused (${status} ${code}); taking number 1`);
    return 1;
  }
}

/** Turns a refusal of the shop into a message for people, with the command that shows its trace. */
async function withCommand<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { trace_id: traceId } = error.refusal;
    throw new CommandFailed(`${error.message}\n./mesh trace ${traceId} shows what happened`, {
      cause: error,
    });
  }
}

async function endOf(shop: Shop, id: number): Promise<Order> {
  const end = performance.now() + endLimitMs;
  for (;;) {
    const order = await shop.order(id);
    if (order.status !== 'PENDING' || performance.now() > end) return order;
    await delay(lookEveryMs);
  }
}

async function story({ order, traceId }: PlacedOrder, shop: Shop, addresses: MeshAddresses): Promise<void> {
  const [line] = order.items;
  print(
    `order ${order.id}: ${line?.quantity} of product ${line?.product_id} for user ${order.user_id}, ${order.total_price.toFixed(2)} in all; accepted ${order.status}`,
  );
  const ended = await withCommand(endOf(shop, order.id));
  print(`order ${order.id} is ${ended.status}${ended.reason === undefined ? '' : `: ${ended.reason}`}`);
  if (ended.status === 'PENDING') {
    print(`It waits: products or RabbitMQ may be down (./mesh status). It ends when they are back.`);
  }
  if (ended.status !== 'CONFIRMED') process.exitCode = exitCodes.failed;
  const control = controlClient(addresses.control);
  try {
    const verdict = await whenComplete(
      () => control.orderTrace(order.id),
      ended.status === 'PENDING' ? 0 : traceLimitMs,
      () => progress('Waiting for its spans, which are sent to Jaeger each second'),
    );
    print(
      '',
      ...waterfall(verdict),
      '',
      `Again: ./mesh trace ${order.id}`,
      `Jaeger: ${traceAddress(addresses.jaeger, traceId)}`,
    );
  } catch (error) {
    // the order is placed anyway
    print('', ...wrapped(`Its trace cannot be drawn: ${await explanationOf(error)}`).split('\n'));
  }
}

/** Where Jaeger has a trace: its page where it has one, once it is forwarded from a cluster; else its API. */
function traceAddress(jaeger: string, traceId: string): string {
  return wordsHere() !== undefined ? jaegerPage(traceId) : `${jaeger}/api/traces/${traceId}`;
}

/** Adds the command to the program. */
export function registerOrder(program: Command): void {
  program
    .command('order')
    .description('place one order through the gateway, follow it to its end, and print its story')
    .option('--user <n>', 'id of the user (default: the first)')
    .option('--product <n>', 'id of the product (default: the first)')
    .option('--quantity <n>', 'how many', '1')
    .addHelpText('after', '\nExample:\n  ./mesh order --user 1 --product 2 --quantity 3')
    .action(async (options: OrderOptions) => {
      const quantity = positiveInteger('--quantity', options.quantity, orderLimits.quantity);
      const user = options.user === undefined ? undefined : positiveInteger('--user', options.user);
      const product =
        options.product === undefined ? undefined : positiveInteger('--product', options.product);
      const addresses = await runningMesh();
      const control = controlClient(addresses.control);
      const shop = shopClient(addresses.gateway, control.operatorToken);
      const order = {
        user_id: user ?? (await firstId('users', shop.users())),
        product_id: product ?? (await firstId('products', shop.products())),
        quantity,
      };
      await story(await withCommand(shop.placeOrder(order, randomUUID())), shop, addresses);
    });
}
