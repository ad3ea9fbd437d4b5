/** What an order lacks. */

/** A line that cannot be served. `available` is null when there is no such product. */
export interface Shortage {
  readonly productId: number;
  readonly wanted: number;
  readonly available: number | null;
}

/** One sentence a customer can read. */
export function shortageReason(short: readonly Shortage[]): string {
  const parts = short.map((line) =>
    line.available === null
      ? `product ${line.productId} does not exist`
      : `product ${line.productId}: wanted ${line.wanted}, in stock ${line.available}`,
  );
  return `Not enough stock: ${parts.join('; ')}`;
}
