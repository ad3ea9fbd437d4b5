/** Buyers of the mesh under test. */
import { type BuyerOptions, buyBy, type Purchase } from './buying.ts';
import { type Answer, type OrderOrProblem, placeOrder } from './shop.ts';

/** The order to place. */
export interface Wanted {
  readonly user_id: number;
  readonly product_id: number;
  readonly quantity: number;
}

/** What became of one key. */
export type Bought = Purchase<Answer<OrderOrProblem>>;

/** Length of an outage under buyers, seconds; `MESH_TEST_OUTAGE_S=60` for a longer look. */
export const outageSeconds = Number(process.env['MESH_TEST_OUTAGE_S'] ?? 20);

/** Buys with one key. Never rejects. */
export function buy(wanted: Wanted, options: BuyerOptions): Promise<Bought> {
  return buyBy((key) => placeOrder(wanted, key), options);
}
