/** How long a person waits for a mesh that was started before: from the command to the end of the first order. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeshSettings } from '@microshop/cli/mesh/settings';
import { CommandFailed } from '@microshop/cli/output/errors';
import { type Shop, shopClient } from '@microshop/control/service/shop';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { calibrate } from '../cpu/calibrate.ts';
import { callMesh, endMesh } from '../mesh/checkout-meshes.ts';
import type { Bench, Measured } from './set.ts';
import { watched } from './watch.ts';

/** Time the first order may take to end, milliseconds, and the pause between two polls for it. */
const endLimitMs = 30_000;
const pollEveryMs = 20;

/** Starts the mesh once and ends it: its data is there and its code compiled from then on. Throws `CommandFailed`. */
export async function startOnce({ settings, signal }: Bench): Promise<void> {
  try {
    await start(settings, signal);
  } finally {
    await endMesh(repositoryRoot, settings.instance);
  }
}

/** Measures one start, and ends the mesh. Throws `CommandFailed` when it does not start, or its first order is not confirmed. */
export async function measureUp({ settings, signal }: Bench): Promise<Measured> {
  const status = async () => {
    const found = await settings.client.status();
    if (found === undefined) throw new CommandFailed('The measured mesh has ended: ./mesh logs runner');
    return found;
  };
  const calibratedBefore = calibrate();
  try {
    const { span, result } = await watched({ name: 'start', busy: true, status }, async () => {
      const began = performance.now();
      await start(settings, signal);
      const upMs = performance.now() - began;
      const { host, port } = settings.placement().gateway.listen;
      await firstOrder(shopClient(`http://${host}:${port}`), signal);
      return { upMs, orderMs: performance.now() - began };
    });
    return {
      figures: [
        { name: 'from the command to its end, s', value: result.upMs / 1000 },
        { name: 'from the command to the first confirmed order, s', value: result.orderMs / 1000 },
      ],
      spans: [span],
      calibration_ms: [calibratedBefore, calibrate()],
    };
  } finally {
    await endMesh(repositoryRoot, settings.instance);
  }
}

async function start({ instance }: MeshSettings, signal: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await callMesh(repositoryRoot, instance, ['up', '--detach'], signal);
  signal.throwIfAborted();
  if (exitCode !== 0) throw new CommandFailed(`The mesh did not start (${exitCode}): ${stderr}`);
}

/** Places an order of the demo data, and waits until it is confirmed. Throws `CommandFailed` when it is not. */
export async function firstOrder(
  shop: Pick<Shop, 'users' | 'products' | 'placeOrder' | 'order'>,
  signal: AbortSignal,
): Promise<void> {
  const [[user], products] = await Promise.all([shop.users(), shop.products()]);
  const product = products.find(({ stock }) => stock > 0);
  if (user === undefined || product === undefined) throw new CommandFailed('There is nothing to order');
  const wanted = { user_id: user.id, product_id: product.id, quantity: 1 };
  let { order } = await shop.placeOrder(wanted, randomUUID());
  const limit = performance.now() + endLimitMs;
  while (order.status === 'PENDING') {
    signal.throwIfAborted();
    if (performance.now() > limit) throw new CommandFailed('The first order does not end');
    await delay(pollEveryMs);
    order = await shop.order(order.id);
  }
  if (order.status !== 'CONFIRMED') throw new CommandFailed(`The first order is ${order.status}`);
}
