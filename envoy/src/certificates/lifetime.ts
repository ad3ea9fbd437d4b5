/** How long certificates live, and what the environment may say about them. */

/**
 * Life of an identity's certificate, seconds. An hour, as SPIRE's: a stolen key is of use for that long at most. The
 * control service may be down for half of it before calls fail.
 */
const defaultLifetimeSeconds = 3600;

/** Shorter lives could not be renewed before they end on a busy machine. */
export const shortestLifetimeSeconds = 4;

/** Longer ones would outlive the authority's last renewal. */
const longestLifetimeSeconds = 30 * 86_400;

/** A certificate begins this long before it is made, seconds: clocks of containers and hosts differ a little. */
export const backdateSeconds = 60;

/** When a certificate is to be renewed: half of its life from when it was made. */
export function renewalOf({ validFrom, validTo }: { validFrom: string; validTo: string }): Date {
  const made = Date.parse(validFrom) + backdateSeconds * 1000;
  return new Date((made + Date.parse(validTo)) / 2);
}

/** More than half of its life is left, and no more than a whole one: it may have been issued under other settings. */
export function isYoung({ validTo }: { validTo: string }, lifetimeSeconds: number): boolean {
  const left = secondsUntil(new Date(validTo));
  return left > lifetimeSeconds / 2 && left <= lifetimeSeconds;
}

/** When half of such a life is left until then. */
export function halfwayTo(notAfter: Date, lifetimeSeconds: number): Date {
  return new Date(notAfter.getTime() - (lifetimeSeconds * 1000) / 2);
}

/** Time until then, seconds; negative when it has passed. */
export function secondsUntil(time: Date): number {
  return (time.getTime() - Date.now()) / 1000;
}

/** Life of the authority, seconds (ten years): it lives and dies with the data of its mesh. */
export const authorityLifetimeSeconds = 10 * 365 * 86_400;

/** The authority is replaced when less than this is left, seconds; longer than any certificate it signs. */
export const authorityRenewalSeconds = longestLifetimeSeconds;

/** What the environment says about certificates. */
export interface CertificateSettings {
  /** Life of an identity's certificate, seconds. */
  readonly lifetimeSeconds: number;
  /**
   * Mode of files that hold an identity's key. Containers read them as members of the group (0640): each identity has
   * a volume of its own there, that is the border. Natively nobody but the owner does (0600).
   */
  readonly keyMode: number;
}

/** Reads `MESH_CERTIFICATE_LIFETIME_SECONDS` and `MESH_CERTIFICATE_KEY_MODE`. Throws naming the variable that is wrong. */
export function certificateSettings(env: NodeJS.ProcessEnv = process.env): CertificateSettings {
  return { lifetimeSeconds: lifetime(env), keyMode: keyMode(env) };
}

function lifetime(env: NodeJS.ProcessEnv): number {
  const text = env['MESH_CERTIFICATE_LIFETIME_SECONDS'];
  if (text === undefined || text === '') return defaultLifetimeSeconds;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < shortestLifetimeSeconds || seconds > longestLifetimeSeconds) {
    throw new Error(
      `MESH_CERTIFICATE_LIFETIME_SECONDS must be a whole number from ${shortestLifetimeSeconds} to ${longestLifetimeSeconds}, not "${text}"`,
    );
  }
  return seconds;
}

function keyMode(env: NodeJS.ProcessEnv): number {
  const text = env['MESH_CERTIFICATE_KEY_MODE'] ?? '';
  if (text === '' || text === '0600') return 0o600;
  if (text === '0640') return 0o640;
  throw new Error(`MESH_CERTIFICATE_KEY_MODE must be 0600 or 0640, not "${text}"`);
}
