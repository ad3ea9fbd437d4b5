/** Demo users and products, made once: what is there already is left as it is. */
import { RefusedError, type Shop } from '../shop/client.ts';

/** Password of every demo user; they guard nothing. */
const demoPassword = 'correct horse battery staple';

const demoUsers = [
  { email: 'ada@example.com', name: 'Ada' },
  { email: 'grace@example.com', name: 'Grace' },
  { email: 'edsger@example.com', name: 'Edsger' },
];

const demoProducts = [
  { name: 'Teapot', description: 'Answers 418 when asked for coffee', price: 24.9, stock: 100_000 },
  { name: 'Notebook', description: '96 pages, squared', price: 4.5, stock: 100_000 },
  { name: 'Fountain pen', description: 'Fine nib', price: 39, stock: 100_000 },
  { name: 'Desk lamp', description: 'Warm white, 400 lm', price: 59.95, stock: 10_000 },
  { name: 'Headphones', description: 'Closed back', price: 129, stock: 1000 },
  { name: 'Last of its kind', description: 'Ten of them, no more', price: 999.99, stock: 10 },
];

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
  const known = new Set((await shop.products()).map((product) => product.name));
  for (const product of demoProducts) {
    if (!known.has(product.name)) await shop.createProduct(product);
  }
}
