/** Tokens that are not valid: each is as a valid one but for what its name says. */
import { generateKeyPairSync } from 'node:crypto';
import { issueToken, type SigningKey, signingKeyAt } from '@microshop/service-kit/tokens';
import { type Role, tokens } from '@microshop/topology';
import { decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload, SignJWT } from 'jose';

/** Who a token is about. */
interface Holder {
  readonly subject: string;
  readonly role: Role;
}

/** Makes a token about somebody with the keys that the mesh signs with. */
type Make = (holder: Holder, keys: readonly SigningKey[]) => Promise<string>;

const valid: Make = (holder, keys) => issueToken(keys, holder).then(({ token }) => token);

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The token with other claims, and the signature that it had. */
function rewritten(token: string, header: object, claims: object, signature: string): string {
  return [
    encoded({ ...decodeProtectedHeader(token), ...header }),
    encoded({ ...decodeJwt(token), ...claims }),
    signature,
  ].join('.');
}

/** The token with other claims, signed by that key. */
function signedBy(
  key: Parameters<SignJWT['sign']>[0],
  token: string,
  claims: JWTPayload = {},
): Promise<string> {
  return new SignJWT({ ...decodeJwt(token), ...claims })
    .setProtectedHeader({ ...decodeProtectedHeader(token), alg: tokens.algorithm })
    .sign(key);
}

/** The key that signs now, as `jose` takes it. */
async function ourKey(keys: readonly SigningKey[]): Promise<Parameters<SignJWT['sign']>[0]> {
  const signing = signingKeyAt(keys, Date.now());
  if (signing?.private_part == null) throw new Error('There is no key that signs tokens now');
  return await importJWK({ ...signing.public_key, d: signing.private_part }, tokens.algorithm);
}

/** Who is no client of the mesh, by what it shows. */
export const strangers: Readonly<Record<string, Make>> = {
  'a bad signature': async (holder, keys) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return await signedBy(privateKey, await valid(holder, keys));
  },
  'a claim changed afterwards': async (holder, keys) => {
    const token = await valid({ ...holder, role: 'customer' }, keys);
    return rewritten(token, {}, { [tokens.roleClaim]: 'admin' }, String(token.split('.')[2]));
  },
  'an expired token': async (holder, keys) => {
    const past = Date.now() - (tokens.lifetimeSeconds + 2 * tokens.clockSkewSeconds) * 1000;
    return (await issueToken(published(keys), holder, past)).token;
  },
  'another issuer': async (holder, keys) =>
    await signedBy(await ourKey(keys), await valid(holder, keys), { iss: 'https://elsewhere.example' }),
  '`alg: none`': async (holder, keys) => rewritten(await valid(holder, keys), { alg: 'none' }, {}, ''),
  'what is no token': async () => 'nothing',
};

/** The keys as if they had always signed: those of a mesh are younger than a token that has expired. */
function published(keys: readonly SigningKey[]): readonly SigningKey[] {
  return keys.map((key) => ({ ...key, signs_from: 0 }));
}
