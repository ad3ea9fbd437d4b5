/**
 * What a new shop has in it, made once when the mesh comes up: the first of each kind has id 1, so the examples of the
 * API's description name it.
 */

/** Password of every demo user; they guard nothing. */
export const demoPassword = 'correct horse battery staple';

/** Users. */
export const demoUsers = [
  { email: 'ada@example.com', name: 'Ada' },
  { email: 'grace@example.com', name: 'Grace' },
  { email: 'edsger@example.com', name: 'Edsger' },
] as const;

/** Products, each with a name of its own. */
export const demoProducts = [
  { name: 'Teapot', description: 'Answers 418 when asked for coffee', price: 24.9, stock: 100_000 },
  { name: 'Notebook', description: '96 pages, squared', price: 4.5, stock: 100_000 },
  { name: 'Fountain pen', description: 'Fine nib', price: 39, stock: 100_000 },
  { name: 'Desk lamp', description: 'Warm white, 400 lm', price: 59.95, stock: 10_000 },
  { name: 'Headphones', description: 'Closed back', price: 129, stock: 1000 },
  { name: 'Last of its kind', description: 'Ten of them, no more', price: 999.99, stock: 10 },
] as const;
