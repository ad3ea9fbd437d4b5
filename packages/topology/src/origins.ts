/** Where an order came from, as its client says; it travels with the order as baggage. */

/** Request header in which a client names its origin. The gateway takes no baggage from outside, only this. */
export const originHeader = 'x-shop-origin';

/**
 * What the lab says in {@link originHeader} of its own requests: demo data, lists, reads of orders, what k6 sets up. They
 * meet no fault: a fault is set for the shop's traffic. No order has this origin; a message that a fault made has,
 * and so has every span that follows from it.
 */
export const labOrigin = 'lab';

/** Every origin of an order; anything else is left out. */
export const origins = ['test', 'load', 'person'] as const;

/** One of {@link origins}. */
export type Origin = (typeof origins)[number];
