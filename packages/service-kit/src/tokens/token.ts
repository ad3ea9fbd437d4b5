/** Tokens: who somebody is, for a short time, signed. */
import { randomUUID } from 'node:crypto';
import { type Role, tokens } from '@microshop/topology';
import { importJWK, SignJWT } from 'jose';
import { signingKeyAt } from './keys.ts';
import type { SigningKey } from './schemas.ts';

/** Whom a token is about. */
export interface Holder {
  /** Id of a user, or the name of what is none. */
  readonly subject: string;
  readonly role: Role;
}

/** A token, and when it ends. */
export interface Token {
  /** A JWT, for `authorization: Bearer …`. */
  readonly token: string;
  /** RFC 3339. */
  readonly expires_at: string;
}

/** Signs a token about them that begins at that time, milliseconds since the epoch. Throws when no key signs then. */
export async function issueToken(
  keys: readonly SigningKey[],
  { subject, role }: Holder,
  now = Date.now(),
): Promise<Token> {
  const key = signingKeyAt(keys, now);
  if (key === undefined || key.private_part === null)
    throw new Error('There is no key that signs tokens now');
  const { public_key: open, private_part: d } = key;
  const issuedAt = Math.floor(now / 1000);
  const expires = issuedAt + tokens.lifetimeSeconds;
  const token = await new SignJWT({ [tokens.roleClaim]: role })
    .setProtectedHeader({ alg: tokens.algorithm, kid: open.kid, typ: tokens.type })
    .setIssuer(tokens.issuer)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .setJti(randomUUID())
    .sign(await importJWK({ ...open, d }, tokens.algorithm));
  return { token, expires_at: new Date(expires * 1000).toISOString() };
}
