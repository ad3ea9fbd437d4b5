/** Demo users and products, made once: what is there already is left as it is. */
import { demoPassword, demoProducts, demoUsers } from '@microshop/topology';
import { RefusedError, type Shop } from '../shop/client.ts';

/** Makes what is missing. Throws what the shop throws; calling it again goes on where it ended. */
export async function seedDemoData(shop: Shop): Promise<void> {
  for (const user of demoUsers) {
    try {
      await shop.createUser({ ...user, password: demoPassword });
    } catch (error) {
      if (!(error instanceof RefusedError && error.refusal.code === 'conflict')) throw error;
    }
  }
  // demo products are the first ones made, so they stand on the first page
  const known: ReadonlySet<string> = new Set((await shop.products()).map((product) => product.name));
  for (const product of demoProducts) {
    if (!known.has(product.name)) await shop.createProduct(product);
  }
}
