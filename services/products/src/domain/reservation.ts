/** Who gets stock: for each order all of its lines or none, and why none. */

/** One product and how many of it. */
export interface StockLine {
  readonly productId: number;
  readonly quantity: number;
}

/** Lines of one order; each product stands in one of them only. */
export interface StockOrder {
  readonly orderId: number;
  readonly lines: readonly StockLine[];
}

/** What came of an order: it got all of its lines, or none and the reason. */
export type OrderOutcome =
  | { readonly kind: 'reserved' }
  | { readonly kind: 'rejected'; readonly reason: string };

/** Outcomes by order id. */
export type OrderOutcomes = ReadonlyMap<number, OrderOutcome>;

/** What there is for orders, in the hands of one transaction. */
export interface AvailableStock {
  /** What can be taken, by product id; its rows are locked by this transaction. */
  readonly stocks: ReadonlyMap<number, number>;
  /** Products that another transaction has locked. */
  readonly locked: ReadonlySet<number>;
  /** What came of these orders before. */
  readonly before: OrderOutcomes;
}

/** Units of one product that an order takes. */
export interface TakenLine extends StockLine {
  readonly orderId: number;
}

/** What comes of orders now: outcomes that are new, and what they take. */
export interface Allocation {
  readonly outcomes: OrderOutcomes;
  readonly taken: readonly TakenLine[];
}

/**
 * Gives stock to one order after the other. An order that had its outcome before keeps it, and one that needs a product
 * that is locked has none yet.
 */
export function allocate(
  orders: readonly StockOrder[],
  { stocks, locked, before }: AvailableStock,
): Allocation {
  const left = new Map(stocks);
  const outcomes = new Map<number, OrderOutcome>();
  const taken: TakenLine[] = [];
  for (const { orderId, lines } of orders) {
    if (before.has(orderId) || outcomes.has(orderId)) continue;
    if (lines.some(({ productId }) => locked.has(productId))) continue;
    const short = lines.flatMap((line): Shortage[] => {
      const available = left.get(line.productId) ?? null;
      if (available !== null && available >= line.quantity) return [];
      return [{ productId: line.productId, wanted: line.quantity, available }];
    });
    if (short.length > 0) {
      outcomes.set(orderId, { kind: 'rejected', reason: shortageReason(short) });
      continue;
    }
    outcomes.set(orderId, { kind: 'reserved' });
    for (const { productId, quantity } of lines) {
      left.set(productId, (left.get(productId) ?? 0) - quantity);
      taken.push({ orderId, productId, quantity });
    }
  }
  return { outcomes, taken };
}

/** A line that cannot be served. `available` is null when there is no such product. */
interface Shortage {
  readonly productId: number;
  readonly wanted: number;
  readonly available: number | null;
}

/** One sentence a customer can read. */
function shortageReason(short: readonly Shortage[]): string {
  const parts = short.map((line) =>
    line.available === null
      ? `product ${line.productId} does not exist`
      : `product ${line.productId}: wanted ${line.wanted}, in stock ${line.available}`,
  );
  return `Not enough stock: ${parts.join('; ')}`;
}
