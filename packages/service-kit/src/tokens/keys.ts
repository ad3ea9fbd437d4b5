/** The keys that tokens are signed with, as the file that the control plane keeps them in. */
import { readFile } from 'node:fs/promises';
import { tokens } from '@microshop/topology';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { Value } from 'typebox/value';
import { type SigningKey, signingKeySchema, signingKeysSchema } from './schemas.ts';

/** Makes a key that signs from that time on, milliseconds since the epoch. */
export async function makeSigningKey(signsFrom: number): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(tokens.algorithm, { extractable: true });
  const { d, ...open } = await exportJWK(privateKey);
  const key = {
    public_key: { ...open, kid: await calculateJwkThumbprint(open), alg: tokens.algorithm, use: 'sig' },
    private_part: d,
    signs_from: signsFrom,
    gone_at: null,
  };
  return Value.Parse(signingKeySchema, key);
}

/** The keys in the text of such a file. Throws when it holds something else. */
export function parseSigningKeys(text: string): readonly SigningKey[] {
  return Value.Parse(signingKeysSchema, JSON.parse(text)).keys;
}

/** The keys of that file. Throws when it is not there, or holds something else. */
export async function readSigningKeys(file: string): Promise<readonly SigningKey[]> {
  return parseSigningKeys(await readFile(file, 'utf8'));
}

/**
 * The key that signs at that time: the last one whose time has come; where none has, since the clock was set back, the first that is
 * to sign. `undefined` when there is none.
 */
export function signingKeyAt(keys: readonly SigningKey[], now: number): SigningKey | undefined {
  const able = keys.filter(({ private_part: own }) => own !== null);
  return able.findLast(({ signs_from: from }) => from <= now) ?? able[0];
}
