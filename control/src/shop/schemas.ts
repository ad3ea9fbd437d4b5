/** What the shop answers, as far as the lab reads it. */
import { type Static, Type } from 'typebox';

/** A user. */
export const userSchema = Type.Object({ id: Type.Integer(), email: Type.String(), name: Type.String() });

/** A product with its stock. */
export const productSchema = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  price: Type.Number(),
  stock: Type.Integer(),
});

/** An order. */
export const orderSchema = Type.Object({
  id: Type.Integer(),
  user_id: Type.Integer(),
  items: Type.Array(
    Type.Object({ product_id: Type.Integer(), quantity: Type.Integer(), price: Type.Number() }),
  ),
  total_price: Type.Number(),
  status: Type.Union([Type.Literal('PENDING'), Type.Literal('CONFIRMED'), Type.Literal('REJECTED')]),
  reason: Type.Optional(Type.String()),
  created_at: Type.String(),
});

/** The members of a problem that a person is told. */
export const problemSchema = Type.Object({
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
  trace_id: Type.String(),
});

/** A user. */
export type User = Static<typeof userSchema>;
/** A product. */
export type Product = Static<typeof productSchema>;
/** An order. */
export type Order = Static<typeof orderSchema>;
/** A refusal. */
export type Refusal = Static<typeof problemSchema>;
