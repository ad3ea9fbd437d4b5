/** Money: integer cents inside, a JSON number with at most two decimals on the wire. */
import { Type } from 'typebox';
import { badRequest } from './problem.ts';

/** Largest price of one product: 10 million less a cent, so that 100 lines of 10,000 stay exact in a double. */
export const maxPriceCents = 999_999_999;

/** A price in a request. Its decimals are checked by {@link centsFromPrice}: `multipleOf: 0.01` is wrong in binary. */
export const priceSchema = Type.Number({
  minimum: 0,
  maximum: maxPriceCents / 100,
  description: 'At most two decimals',
  examples: [19.9],
});

/** An amount in an answer. */
export const amountSchema = Type.Number({ description: 'At most two decimals', examples: [24.9] });

/** Cents of an amount. Throws a 400 that names `field` when it has more than two decimals. */
export function centsFromPrice(amount: number, field: string): number {
  const cents = Math.round(amount * 100);
  // The nearest double to n/100 prints as at most two decimals, so the round trip is exact for every valid price.
  if (cents / 100 !== amount) throw badRequest(`${field} must have at most two decimals`);
  return cents;
}

/** The amount of so many cents. */
export function amountFromCents(cents: number): number {
  return cents / 100;
}
