/** Clients of a mesh that authenticates them. */
import { randomUUID } from 'node:crypto';
import { askControl } from './control.ts';
import { inTime, newUser, request } from './shop.ts';

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
  const password = randomUUID();
  const { id, email } = await newUser(password);
  const { token } = await logIn(email, password);
  return { id, email, password, token };
}
