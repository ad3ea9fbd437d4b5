/** What an order needs: a user, products with more stock than is ordered, and where the services are asked. */
import { randomUUID } from 'node:crypto';
import { CommandFailed } from '@microshop/cli/output/errors';
import { productSchema, userSchema } from '@microshop/control/service/shop';
import { expectBody, requestJson } from '@microshop/program-kit/http-json';
import { labOrigin, originHeader } from '@microshop/topology';
import { type Static, type TSchema, Type } from 'typebox';
import type { MeasuredMesh } from '../mesh/measured-mesh.ts';

/** Stock of each product: more than any run orders. */
const stock = 1_000_000;

/** Products of one run. */
export interface Goods {
  readonly userId: number;
  readonly productIds: readonly number[];
  /** Headers that each request needs, while a run lasts. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How much of their stock is gone, all together. */
  taken(): Promise<number>;
}

async function call<S extends TSchema>(
  schema: S,
  method: 'GET' | 'POST',
  url: string,
  shown: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Static<S>> {
  const headers = { [originHeader]: labOrigin, ...shown };
  const answer = await requestJson('the shop', method, url, { headers, ...(body ? { body } : {}) });
  if (answer.status >= 400) {
    throw new CommandFailed(`${method} ${url} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return expectBody(schema, answer.body, `${method} ${url}`);
}

/** Makes a user and so many products. */
export async function makeGoods(
  { urlOf, signIn }: Pick<MeasuredMesh, 'urlOf' | 'signIn'>,
  products: number,
): Promise<Goods> {
  const headers = (await signIn?.()) ?? {};
  const { id: userId } = await call(userSchema, 'POST', `${urlOf('users')}/api/users`, headers, {
    name: 'Bench',
    email: `bench-${randomUUID()}@example.com`,
    password: randomUUID(),
  });
  const productIds: number[] = [];
  for (let made = 0; made < products; made += 1) {
    const product = { name: `Bench ${made}`, price: 1.5, stock };
    const { id } = await call(productSchema, 'POST', `${urlOf('products')}/api/products`, headers, product);
    productIds.push(id);
  }
  return {
    userId,
    productIds,
    headers,
    taken: async () => {
      const url = `${urlOf('products')}/api/products?ids=${productIds.join(',')}&limit=100`;
      const found = await call(Type.Array(productSchema), 'GET', url, headers);
      return stock * productIds.length - found.reduce((sum, product) => sum + product.stock, 0);
    },
  };
}

/** Whether an order is still under way, whoever placed it. */
export async function anyPending(
  { urlOf }: Pick<MeasuredMesh, 'urlOf'>,
  { headers = {} }: Pick<Goods, 'headers'> = {},
): Promise<boolean> {
  const url = `${urlOf('orders')}/api/orders?status=PENDING&limit=1`;
  return (await call(Type.Array(Type.Unknown()), 'GET', url, headers)).length > 0;
}
