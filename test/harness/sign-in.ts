/** Clients of a mesh that authenticates them. */
import { randomUUID } from 'node:crypto';
import { askControl } from './control.ts';
import { type Answer, inTime, type ProductAnswer, request } from './shop.ts';

/** A user who has logged in. */
export interface LoggedIn {
  readonly id: number;
  readonly email: string;
  readonly password: string;
  readonly token: string;
}

/** Headers of a request that shows that token. */
export function showing(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** A token of who runs the mesh: an admin. */
export async function operatorToken(): Promise<string> {
  const { status, text } = await askControl('POST', '/api/tokens');
  if (status !== 201) throw new Error(`POST /api/tokens: ${status} ${text}`);
  const { token }: { token: string } = JSON.parse(text);
  return token;
}

/** Logs a user in. Throws when the shop refuses. */
export async function logIn(email: string, password: string): Promise<{ token: string; expires_at: string }> {
  const answer = await inTime(() =>
    request<{ token: string; expires_at: string }>('POST', '/api/users/login', { email, password }),
  );
  if (answer.status !== 200) throw new Error(`login: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A new user, logged in. */
export async function newCustomer(): Promise<LoggedIn> {
  const account = { email: `${randomUUID()}@example.com`, name: 'Test user', password: randomUUID() };
  const { body } = await done(201, () => request<{ id: number }>('POST', '/api/users', account));
  const { token } = await logIn(account.email, account.password);
  return { id: body.id, email: account.email, password: account.password, token };
}

/** A new product with that stock, made by an admin. */
export async function newProductBy(admin: string, stock: number): Promise<ProductAnswer> {
  const product = { name: `Test product ${randomUUID()}`, price: 9.99, stock };
  return (await done(201, () => request<ProductAnswer>('POST', '/api/products', product, showing(admin))))
    .body;
}

async function done<Body>(status: number, ask: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  const answer = await inTime(ask);
  if (answer.status !== status) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
