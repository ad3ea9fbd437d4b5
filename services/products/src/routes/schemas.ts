/** Requests and answers of the products service. */
import { amountSchema, id, pageQuery, priceSchema, text } from '@microshop/service-kit';
import { demoProducts } from '@microshop/topology';
import { Type } from 'typebox';
import { productDescription as description, maxStock, productName as name } from '../domain/product.ts';

/** `POST /api/products`. */
export const newProductBody = Type.Object(
  {
    name,
    description: Type.Optional(description),
    price: priceSchema,
    stock: Type.Integer({ minimum: 0, maximum: maxStock }),
  },
  {
    additionalProperties: false,
    examples: [{ name: 'Ink bottle', description: 'Blue, 50 ml', price: 12.5, stock: 100 }],
  },
);

/** `PATCH /api/products/{id}`. */
export const productChangesBody = Type.Object(
  { name: Type.Optional(name), description: Type.Optional(description), price: Type.Optional(priceSchema) },
  {
    additionalProperties: false,
    minProperties: 1,
    // products of the demo data are identified by name
    examples: [{ description: demoProducts[0].description, price: demoProducts[0].price }],
  },
);

/** `POST /api/products/{id}/stock`. */
export const stockChangeBody = Type.Object(
  {
    delta: Type.Integer({
      minimum: -maxStock,
      maximum: maxStock,
      description: 'Units to add; negative takes them',
    }),
    reason: text(1, 500, 'Why, for later questions'),
  },
  { additionalProperties: false, examples: [{ delta: 10, reason: 'Delivery' }] },
);

/** `GET /api/products`. */
export const productsQuery = Type.Object(
  {
    ...pageQuery,
    ids: Type.Optional(
      Type.String({
        pattern: '^[1-9]\\d{0,9}(,[1-9]\\d{0,9})*$',
        maxLength: 1100,
        description: 'Up to 100 ids, comma-separated: those of them that exist are answered, without pages',
        examples: ['1,2'],
      }),
    ),
  },
  { additionalProperties: false },
);

/** A product as the API shows it. */
export const productSchema = Type.Object({
  id,
  name: Type.String({ examples: [demoProducts[0].name] }),
  description: Type.String({ examples: [demoProducts[0].description] }),
  price: amountSchema,
  stock: Type.Integer({ examples: [demoProducts[0].stock] }),
});
