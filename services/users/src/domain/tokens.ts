/** Tokens of users: what a login gives them to show at the gateway. */
import { issueToken, type PublicKey, readSigningKeys, type Token } from '@microshop/service-kit/tokens';
import type { User } from './user.ts';

/** Issues tokens, and publishes the keys that verify them. */
export interface Tokens {
  issueTo(user: Pick<User, 'id' | 'role'>): Promise<Token>;
  publicKeys(): Promise<PublicKey[]>;
}

/**
 * Tokens signed with the keys of that file. It is read each time: the control plane puts another in its place when a new key
 * follows, and beside the password of a login that costs nothing.
 */
export function createTokens(file: string): Tokens {
  return {
    issueTo: async ({ id, role }) => issueToken(await readSigningKeys(file), { subject: String(id), role }),
    publicKeys: async () => (await readSigningKeys(file)).map(({ public_key: key }) => key),
  };
}
