/**
 * Whether the gateway authenticates clients, and what a token is. On with `./mesh up --edge-auth`, in containers with a
 * line in `.env`; without it anybody may do anything.
 */
import { trustDomain } from './identities.ts';

/** Variable that says whether clients are authenticated: `1`. */
export const edgeAuthVariable = 'MESH_EDGE_AUTH';

/** Whether that environment asks for it. Throws when the variable is neither `1`, nor `0`, nor empty. */
export function edgeAuthOf(env: NodeJS.ProcessEnv = process.env): boolean {
  const value = env[edgeAuthVariable];
  if (value === '1') return true;
  if (value === undefined || value === '' || value === '0') return false;
  throw new Error(`${edgeAuthVariable} must be 1 or 0, not "${value}"`);
}

/** What a user may be, a new one the first; an `admin` may do what every other user may. */
export const roles = ['customer', 'admin'] as const;

/** One of {@link roles}. */
export type Role = (typeof roles)[number];

/** Headers in which services get who a token is about, verified. The gateway removes them from what clients send. */
export const subjectHeaders = { user: 'x-mesh-user', role: 'x-mesh-role' } as const;

/** Claims of every token that are the same in all, and how long one lives. */
export const tokens = {
  issuer: `https://${trustDomain}`,
  /** ECDSA on P-256: short signatures that are cheap to make, and Envoy verifies them. */
  algorithm: 'ES256',
  /** RFC 9068. */
  type: 'at+jwt',
  /** Claim that holds the role. */
  roleClaim: 'role',
  /** There is no list of revoked ones: a stolen token is of use for that long at most. */
  lifetimeSeconds: 900,
  /** Difference of clocks that is forgiven: containers of one host share a clock. */
  clockSkewSeconds: 10,
} as const;

/** Where the public keys are published, by the service that signs the tokens. */
export const publicKeys = {
  service: 'users',
  path: '/api/users/keys',
  /** The gateway keeps them for so long; Envoy asks again five seconds before. */
  cacheSeconds: 15,
} as const;

/** Rotation of signing keys. */
export const signingKeyTimes = {
  /** A key signs for a day. */
  signsSeconds: 86_400,
  /** It is published before it signs, so long that every gateway has fetched it meanwhile, even after one failed fetch. */
  publishedBeforeSeconds: 2 * publicKeys.cacheSeconds,
  /** It is published after it has signed its last token, until that one has ended for certain. */
  publishedAfterSeconds: tokens.lifetimeSeconds + 2 * tokens.clockSkewSeconds,
} as const;
