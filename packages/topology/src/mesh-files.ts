/** Names of what the processes of a mesh watch and read below its directory, in both run modes. */

/** Directory of the Envoys' certificates, a directory for each identity in it. */
export const certificatesDirectory = 'certificates';

/**
 * Below it, what verifies the certificate that the gateway shows to clients (PEM): a directory of its own, as clients read nothing
 * else there.
 */
export const clientTrust = { directory: 'edge', file: 'trust.pem' } as const;

/** Directory of what the Envoys watch (xDS), a directory for each in it. */
export const dynamicDirectory = 'xds';
