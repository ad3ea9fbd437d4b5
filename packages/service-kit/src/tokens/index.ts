/** Tokens and the keys that sign them: for the service that issues them, and for the control plane, which keeps the keys. */
export { makeSigningKey, parseSigningKeys, readSigningKeys, signingKeyAt } from './keys.ts';
export type { PublicKey, SigningKey } from './schemas.ts';
export { type Holder, issueToken, type Token } from './token.ts';
