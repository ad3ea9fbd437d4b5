/** Signing keys as the API shows them, and the token of who runs the mesh. */
import { Type } from 'typebox';

/** Every published key, the oldest first. */
export const signingKeyListSchema = Type.Array(
  Type.Object({
    kid: Type.String(),
    state: Type.String({ description: '`has signed`, `signs`, `next`' }),
    signs_from: Type.String({ description: 'RFC 3339' }),
    /** When its last token has ended; null while it signs, or will. */
    gone_at: Type.Union([Type.String(), Type.Null()]),
  }),
);

/** Answer of `POST /api/tokens`. */
export const tokenSchema = Type.Object({
  token: Type.String(),
  expires_at: Type.String({ description: 'RFC 3339' }),
});
