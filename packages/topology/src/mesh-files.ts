/** Names of what the processes of a mesh watch and read below its directory, in both run modes. */

/** Directory of the Envoys' certificates, a directory for each identity in it. */
export const certificatesDirectory = 'certificates';

/** Directory of what the Envoys watch (xDS), a directory for each in it. */
export const dynamicDirectory = 'xds';
