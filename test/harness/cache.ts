/** Products with an entry in the cache, and how they must be seen whatever stands there. */
import assert from 'node:assert/strict';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import type { Redis } from 'ioredis';
import { mesh } from './mesh.ts';
import { endOf, inTime, newProduct, orderPlaced, type ProductAnswer, request } from './shop.ts';

/** Where the entry of a product stands. */
export const entryKey = (id: number) => `catalogue:entry:${id}`;

/** A product whose entry is in the cache. */
export async function cachedProduct(redis: Redis, price = 9.99): Promise<ProductAnswer> {
  const product = await newProduct(100, price);
  // on a busy machine Redis can answer later than the service waits: then it is asked again
  await eventuallyDespiteErrors('the entry is in the cache', async () => {
    await request('GET', `/api/products/${product.id}`);
    return (await redis.exists(entryKey(product.id))) === 1;
  });
  return product;
}

/** Every way to see a product shows it so, and an order of that user is charged so. */
export async function assertShown(userId: number, product: ProductAnswer): Promise<void> {
  const { id } = product;
  const one = await inTime(() => request<ProductAnswer>('GET', `/api/products/${id}`));
  const list = async (query: string) =>
    (await inTime(() => request<ProductAnswer[]>('GET', `/api/products?${query}`))).body;
  const [byIds] = await list(`ids=${id}`);
  const cursor = Buffer.from(`after:${id - 1}`).toString('base64url');
  const [listed] = await list(`limit=1&cursor=${cursor}`);
  for (const seen of [one.body, byIds, listed]) assert.deepEqual(seen, product);
  const { body } = await orderPlaced({ user_id: userId, product_id: id, quantity: 2 });
  assert.deepEqual([body.items[0]?.price, body.total_price], [product.price, product.price * 2]);
  await endOf(body.id);
}

/** Puts something in the place of an entry; `entry` is the true one, as text. */
export type Put = (redis: Redis, key: string, entry: string, other: ProductAnswer) => Promise<unknown>;

/** What is put there is a miss: the product is seen as it is, and its entry is written again; a service that `warns` says so. */
export async function assertMiss(redis: Redis, userId: number, put: Put, warns: boolean): Promise<void> {
  const [product, other] = await Promise.all([cachedProduct(redis), cachedProduct(redis, 0.01)]);
  const key = entryKey(product.id);
  const entry = (await redis.get(key)) ?? assert.fail('no entry');
  await redis.del(key);
  await put(redis, key, entry, other);
  await assertShown(userId, product);
  // on a busy machine Redis can answer later than the service waits: then it is asked again
  await eventuallyDespiteErrors('the true entry is in its place again', async () => {
    if ((await redis.get(key)) === entry) return true;
    await request('GET', `/api/products/${product.id}`);
    return undefined;
  });
  if (!warns) return;
  await eventuallyDespiteErrors('the service has warned', async () => {
    const lines = (await mesh.logs('products')).split('\n');
    const warning = (line: string) =>
      line.includes('invalid entry') &&
      line.includes('"level":"warn"') &&
      line.includes(`"product_id":${product.id},`);
    if (lines.some(warning)) return true;
    await put(redis, key, entry, other);
    const { body } = await inTime(() => request<ProductAnswer>('GET', `/api/products/${product.id}`));
    assert.deepEqual(body, { ...product, stock: product.stock - 2 });
    return undefined;
  });
}
