/** Orders placed from the page: one, or some per second for a while, so that there is something to see. */
import { randomInt, randomUUID } from 'node:crypto';
import { RefusedError, type Shop } from '../service/shop.ts';
import type { Traffic } from './schemas.ts';

/** Who buys what; what is left out is chosen among the demo's. */
export interface OrderWish {
  readonly user_id?: number;
  readonly product_id?: number;
  readonly quantity?: number;
}

/** What is asked of {@link createTraffic}. */
export interface OrderTraffic {
  /** Places one; throws what the shop throws. */
  place(wish: OrderWish): ReturnType<Shop['placeOrder']>;
  /** Places `rate` orders per second for that many seconds, in place of what was placed before. */
  run(rate: number, seconds: number): void;
  stop(): void;
  state(): Traffic;
}

/** Orders that may be under way at once: a shop that does not answer is not buried. */
const mostUnderWay = 100;

/** Orders through that shop. */
export function createTraffic(shop: Shop): OrderTraffic {
  let timer: NodeJS.Timeout | undefined;
  let end = 0;
  let rate = 0;
  let placed = 0;
  let refused = 0;
  let failed = 0;
  let underWay = 0;
  let goods: Promise<{ readonly users: number[]; readonly products: number[] }> | undefined;

  async function readGoods() {
    const [users, products] = await Promise.all([shop.users(), shop.products()]);
    return { users: users.map(({ id }) => id), products: products.map(({ id }) => id) };
  }

  /** Read once; after a failure again. */
  async function oneOf(kind: 'users' | 'products'): Promise<number> {
    goods ??= readGoods();
    const { [kind]: ids } = await goods.catch((error: unknown) => {
      goods = undefined;
      throw error;
    });
    return ids[randomInt(Math.max(1, ids.length))] ?? 1;
  }

  async function place({ user_id, product_id, quantity = 1 }: OrderWish) {
    const order = {
      user_id: user_id ?? (await oneOf('users')),
      product_id: product_id ?? (await oneOf('products')),
      quantity,
    };
    return await shop.placeOrder(order, randomUUID());
  }

  async function placeOne(): Promise<void> {
    if (underWay >= mostUnderWay) return;
    underWay += 1;
    try {
      await place({});
      placed += 1;
    } catch (error) {
      const isAnswer = error instanceof RefusedError;
      if (isAnswer && error.refusal.status < 500) refused += 1;
      else failed += 1;
      if (!isAnswer) goods = undefined;
    } finally {
      underWay -= 1;
    }
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    rate = 0;
    end = 0;
  }

  return {
    place,
    run(wanted, seconds) {
      stop();
      rate = wanted;
      placed = 0;
      refused = 0;
      failed = 0;
      end = Date.now() + seconds * 1000;
      timer = setInterval(() => (Date.now() < end ? void placeOne() : stop()), 1000 / wanted);
    },
    stop,
    state: () => ({
      rate,
      left_s: Math.max(0, Math.ceil((end - Date.now()) / 1000)),
      placed,
      refused,
      failed,
    }),
  };
}
