/** The forms of the keys: as they are kept, and as their public halves are published. Nothing here signs. */
import { tokens } from '@microshop/topology';
import { type Static, Type } from 'typebox';

/** A public key as a JWK (RFC 7517): what verifies a token. */
export const publicKeySchema = Type.Object({
  kty: Type.Literal('EC', { examples: ['EC'] }),
  crv: Type.Literal('P-256', { examples: ['P-256'] }),
  x: Type.String({ examples: ['f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'] }),
  y: Type.String({ examples: ['x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'] }),
  kid: Type.String({ examples: ['oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U'] }),
  alg: Type.Literal(tokens.algorithm, { examples: [tokens.algorithm] }),
  use: Type.Literal('sig', { examples: ['sig'] }),
});

/** A public key as a JWK. */
export type PublicKey = Static<typeof publicKeySchema>;

/** A key with its time. */
export const signingKeySchema = Type.Object({
  public_key: publicKeySchema,
  /** `d` of its JWK; null once it signs no more. */
  private_part: Type.Union([Type.String(), Type.Null()]),
  /** From when it signs, milliseconds since the epoch. */
  signs_from: Type.Integer(),
  /** When the last token that it signed has ended, milliseconds since the epoch; null while it signs, or will. */
  gone_at: Type.Union([Type.Integer(), Type.Null()]),
});

/** A key with its time. */
export type SigningKey = Static<typeof signingKeySchema>;

/** The file: every published key, the oldest first. */
export const signingKeysSchema = Type.Object({ keys: Type.Array(signingKeySchema) });
