/** Certificates as the API shows them, and as short-lived ones are asked for. */
import { type Static, Type } from 'typebox';

const certificateSchema = Type.Object({
  identity: Type.String(),
  spiffe_id: Type.String(),
  serial: Type.String({ description: 'Serial number, hexadecimal' }),
  not_before: Type.String({ description: 'RFC 3339' }),
  not_after: Type.String({ description: 'RFC 3339' }),
  expires_in_s: Type.Number({ description: 'Seconds until it ends; negative when it has ended' }),
});

/** A certificate of the mesh. */
export type Certificate = Static<typeof certificateSchema>;

/** Every certificate of the mesh. */
export const certificateListSchema = Type.Array(certificateSchema);

/** Body of `POST /api/certificates`: certificates that end soon, for a time. */
export const shortLivesSchema = Type.Object(
  {
    /** Life of each that is made meanwhile, seconds. */
    lifetime_s: Type.Integer({ minimum: 1, maximum: 3600 }),
    /** How long it goes on so, milliseconds; then all are made as usual again. */
    for_ms: Type.Integer({ minimum: 1, maximum: 600_000 }),
    /** Whether they are renewed meanwhile; otherwise they end. */
    renewed: Type.Boolean(),
  },
  { additionalProperties: false },
);

/** Certificates that end soon, for a time. */
export type ShortLives = Static<typeof shortLivesSchema>;
