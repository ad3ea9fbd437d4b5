/** Certificates of the mesh's Envoys. */
export { ensureAuthority } from './authority.ts';
export { type EdgeOptions, ensureEdgeCertificate } from './edge.ts';
export { ensureCertificates, putIdentity } from './ensure.ts';
export { authorityFile, edgeFiles, identityFiles } from './files.ts';
export { type GivenFiles, givenFiles, givenVariables, namesIn, readGiven } from './given.ts';
export {
  type CertificateSettings,
  certificateSettings,
  renewalOf,
  shortestLifetimeSeconds,
} from './lifetime.ts';
export { certificateFacts, readIdentity } from './read.ts';
