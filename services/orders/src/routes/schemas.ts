/** Requests and answers of the orders service. */
import { amountSchema, id, pageQuery, timestamp } from '@microshop/service-kit';
import { Type } from 'typebox';
import { maxLines, maxQuantity, orderStatuses } from '../domain/order.ts';

const quantity = Type.Integer({ minimum: 1, maximum: maxQuantity });
const line = Type.Object({ product_id: id, quantity }, { additionalProperties: false });

/**
 * `POST /api/orders`: lines under `items`, or the one-line form. One object with all fields optional but `user_id`, so
 * that a refusal names the field and not a branch of a union; the route checks that exactly one form is used.
 */
export const newOrderBody = Type.Object(
  {
    user_id: id,
    items: Type.Optional(Type.Array(line, { minItems: 1, maxItems: maxLines })),
    product_id: Type.Optional(id),
    quantity: Type.Optional(quantity),
  },
  { additionalProperties: false },
);

/** Headers of `POST /api/orders`. */
export const newOrderHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Repeats of a key with the same order are answered as the first time',
    }),
  ),
});

const status = Type.Enum([...orderStatuses]);

/** `GET /api/orders`. */
export const ordersQuery = Type.Object(
  {
    ...pageQuery,
    user_id: Type.Optional(id),
    status: Type.Optional(status),
  },
  { additionalProperties: false },
);

/** An order as the API shows it. */
export const orderSchema = Type.Object({
  id,
  user_id: id,
  items: Type.Array(Type.Object({ product_id: id, quantity: Type.Integer(), price: amountSchema })),
  total_price: amountSchema,
  status,
  reason: Type.Optional(Type.String({ description: 'Why it was rejected' })),
  created_at: timestamp,
});
