/** Where an order came from, as its client says; it travels with the order as baggage. */

/** Request header in which a client names its origin. The gateway takes no baggage from outside, only this. */
export const originHeader = 'x-shop-origin';

/** Every origin; anything else is left out. */
export const origins = ['test', 'load', 'person'] as const;

/** One of {@link origins}. */
export type Origin = (typeof origins)[number];
