/** `/api/products`: create, list, show, change, restock. */
import {
  amountFromCents,
  badRequest,
  centsFromPrice,
  idAfter,
  idParams,
  notFound,
  page,
  problemRef,
  type Service,
} from '@microshop/service-kit';
import { attributes } from '@microshop/topology';
import { trace } from '@opentelemetry/api';
import { type Static, Type } from 'typebox';
import type { Catalogue } from '../domain/catalogue.ts';
import type { StockedProduct } from '../domain/product.ts';
import { parseIds } from './ids.ts';
import {
  newProductBody,
  productChangesBody,
  productSchema,
  productsQuery,
  stockChangeBody,
} from './schemas.ts';

/** What the routes work with. */
export interface ProductRoutesOptions {
  readonly catalogue: Catalogue;
}

function shown(product: StockedProduct): Static<typeof productSchema> {
  const { id, name, description, priceCents, stock } = product;
  return { id, name, description, price: amountFromCents(priceCents), stock };
}

function noProduct(id: number): Error {
  return notFound(`There is no product ${id}; GET /api/products lists the products`);
}

/** Registers the routes. */
export async function productRoutes(service: Service, { catalogue }: ProductRoutesOptions): Promise<void> {
  const tags = ['products'];

  function tellTrace(id: number): void {
    trace.getActiveSpan()?.setAttribute(attributes.productId, id);
  }

  service.post(
    '/api/products',
    {
      schema: {
        tags,
        operationId: 'createProduct',
        summary: 'Create a product',
        body: newProductBody,
        response: { 201: productSchema },
      },
    },
    async (request, reply) => {
      const { name, description = '', price, stock } = request.body;
      const product = await catalogue.create({
        name,
        description,
        priceCents: centsFromPrice(price, 'body.price'),
        stock,
      });
      tellTrace(product.id);
      return reply.code(201).header('location', `/api/products/${product.id}`).send(shown(product));
    },
  );

  service.get(
    '/api/products',
    {
      schema: {
        tags,
        operationId: 'listProducts',
        summary: 'List products',
        querystring: productsQuery,
        response: { 200: Type.Array(productSchema) },
      },
      // before the schema, which could only say that the pattern does not match
      preValidation: async ({ query }) => {
        if (typeof query.ids === 'string') parseIds(query.ids);
      },
    },
    async (request, reply) => {
      const { ids, limit, cursor } = request.query;
      if (ids !== undefined) {
        if (cursor !== undefined) throw badRequest('query.cursor does not go with query.ids; leave one out');
        return (await catalogue.byIds(parseIds(ids))).map(shown);
      }
      const products = await catalogue.list(idAfter(cursor), limit + 1);
      return page(products, limit, request, reply).map(shown);
    },
  );

  service.get(
    '/api/products/:id',
    {
      schema: {
        tags,
        operationId: 'showProduct',
        summary: 'Show a product',
        params: idParams,
        response: { 200: productSchema, 404: problemRef },
      },
    },
    async (request) => {
      const { id } = request.params;
      tellTrace(id);
      const [product] = await catalogue.byIds([id]);
      if (product === undefined) throw noProduct(id);
      return shown(product);
    },
  );

  service.patch(
    '/api/products/:id',
    {
      schema: {
        tags,
        operationId: 'changeProduct',
        summary: 'Change name, description or price',
        params: idParams,
        body: productChangesBody,
        response: { 200: productSchema, 404: problemRef },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { price, ...texts } = request.body;
      const changes =
        price === undefined ? texts : { ...texts, priceCents: centsFromPrice(price, 'body.price') };
      const product = await catalogue.change(id, changes);
      if (product === null) throw noProduct(id);
      tellTrace(id);
      return shown(product);
    },
  );

  service.post(
    '/api/products/:id/stock',
    {
      schema: {
        tags,
        operationId: 'changeStock',
        summary: 'Add or take stock by hand',
        params: idParams,
        body: stockChangeBody,
        response: { 200: productSchema, 404: problemRef },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { delta, reason } = request.body;
      const outcome = await catalogue.changeStock(id, delta, reason);
      if (outcome === 'unknown_product') throw noProduct(id);
      if (outcome === 'below_zero')
        throw badRequest(`body.delta ${delta} would take the stock of product ${id} below zero`);
      if (outcome === 'above_maximum')
        throw badRequest(`body.delta ${delta} would take the stock of product ${id} above its maximum`);
      tellTrace(id);
      return shown(outcome);
    },
  );
}
