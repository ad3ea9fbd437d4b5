/** Places an order: the checks at the same time, then one write, all under one deadline. */
import { failpoint } from '@microshop/events';
import type { Deadline } from '@microshop/mesh-client';
import { ProblemError } from '@microshop/service-kit';
import { checkDeadline } from './deadline.ts';
import { type KeyedOrder, type Order, type OrderRequest, type OrderStore, requestHash } from './order.ts';
import type { Peers } from './peers.ts';

/** What {@link createPlaceOrder} works with. */
export interface PlaceOrderOptions {
  readonly orders: OrderStore;
  readonly peers: Peers;
  /** Called after the commit, so that the event leaves at once. */
  readonly committed: () => void;
}

/** An order, and whether this request is a repeat: its key had placed the order before. */
export interface PlacedOrder {
  readonly order: Order;
  readonly repeated: boolean;
}

/** Places an order, or answers with the one this key has placed before. Throws {@link ProblemError}. */
export type PlaceOrder = (
  request: OrderRequest,
  key: string | undefined,
  deadline: Deadline,
) => Promise<PlacedOrder>;

/** Order placing over those peers and that store. */
export function createPlaceOrder({ orders, peers, committed }: PlaceOrderOptions): PlaceOrder {
  async function placedBefore(key: string, hash: Buffer): Promise<PlacedOrder | undefined> {
    const found = await orders.findByKey(key);
    return found === null ? undefined : answerAgain(found, hash);
  }

  return async (request, key, deadline) => {
    const hash = requestHash(request);
    const before = key === undefined ? undefined : await placedBefore(key, hash);
    if (before !== undefined) return before;

    try {
      checkDeadline(deadline, 'the checks');
      const [, lines] = await Promise.all([
        peers.checkUser(request.userId, deadline),
        peers.priceLines(request.lines, deadline),
      ]);
      checkDeadline(deadline, 'the order was written');
      const order = await orders.place({ userId: request.userId, lines, key, hash });
      if (order !== null) {
        failpoint('order.committed');
        committed();
        return { order, repeated: false };
      }
    } catch (error) {
      // Meanwhile the first request of this key may have placed the order, and may have taken the very stock that is
      // now missing: its answer counts, not our failure.
      const first = key === undefined ? undefined : await placedBefore(key, hash);
      if (first !== undefined) return first;
      throw error;
    }

    const first = key === undefined ? undefined : await placedBefore(key, hash);
    if (first === undefined)
      throw new Error('An order was refused for its idempotency key, yet no order has that key');
    return first;
  };
}

/** The same answer as the first time: an order is PENDING in it, whatever became of it since. */
function answerAgain(found: KeyedOrder, hash: Buffer): PlacedOrder {
  if (!found.hash.equals(hash)) {
    throw new ProblemError(
      422,
      'key_reused',
      'header.idempotency-key was used for another order; send a new key, or the same body',
    );
  }
  return { order: { ...found.order, status: 'PENDING', reason: null }, repeated: true };
}
