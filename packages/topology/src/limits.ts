/** How large ids and orders may be. */

/** Largest id of the shop: PostgreSQL's `integer`. */
export const maxId = 2_147_483_647;

/** What one order may hold: `lines` after the request is read, `quantity` of one product after equal ones are added up. */
export const orderLimits = { lines: 100, quantity: 10_000 } as const;
