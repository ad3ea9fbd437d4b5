/** Requests and answers of the orders service. */
import { amountSchema, id, pageQuery, timestamp } from '@microshop/service-kit';
import { demoProducts, orderLimits } from '@microshop/topology';
import { Type } from 'typebox';
import { orderStatuses } from '../domain/order.ts';

const quantity = Type.Integer({ minimum: 1, maximum: orderLimits.quantity, examples: [1] });
const line = Type.Object({ product_id: id, quantity }, { additionalProperties: false });

/**
 * `POST /api/orders`: lines under `items`, or the one-line form. One object with all fields optional but `user_id`, so
 * that a refusal names the field and not a branch of a union; the route checks that exactly one form is used.
 */
export const newOrderBody = Type.Object(
  {
    user_id: id,
    items: Type.Optional(Type.Array(line, { minItems: 1, maxItems: orderLimits.lines })),
    product_id: Type.Optional(id),
    quantity: Type.Optional(quantity),
  },
  {
    additionalProperties: false,
    description: 'Lines under `items`, or one line by `product_id` and `quantity`; not both',
    examples: [{ user_id: 1, items: [{ product_id: 1, quantity: 1 }] }],
  },
);

/** Headers of `POST /api/orders`. */
export const newOrderHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description:
        'Makes it safe to retry: the same key with the same order gets the first answer and places nothing. ' +
        'One new key, such as a UUID, for each new order; left out, each request places an order',
      examples: ['0d6c1b7e-5f0a-4c53-9a3e-2f1b8c9d4e6a'],
    }),
  ),
});

const status = Type.Enum([...orderStatuses], { type: 'string', examples: [orderStatuses[0]] });

/** `GET /api/orders`. */
export const ordersQuery = Type.Object(
  {
    ...pageQuery,
    user_id: Type.Optional(id),
    status: Type.Optional(status),
  },
  { additionalProperties: false },
);

/** An order as the API shows it. The example is one that has just been placed: nothing rejected it. */
export const orderSchema = Type.Object(
  {
    id,
    user_id: id,
    items: Type.Array(Type.Object({ product_id: id, quantity, price: amountSchema })),
    total_price: amountSchema,
    status,
    reason: Type.Optional(
      Type.String({ description: 'Why it was rejected', examples: ['Not enough stock'] }),
    ),
    created_at: timestamp,
  },
  {
    examples: [
      {
        id: 1,
        user_id: 1,
        items: [{ product_id: 1, quantity: 1, price: demoProducts[0].price }],
        total_price: demoProducts[0].price,
        status: 'PENDING',
        created_at: '2026-11-26T20:00:00.000Z',
      },
    ],
  },
);
