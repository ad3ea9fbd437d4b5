/** Certificates of the mesh's Envoys. */
export { ensureAuthority, ensureCertificates, putIdentity } from './ensure.ts';
export { authorityFile, identityFiles } from './files.ts';
export {
  type CertificateSettings,
  certificateSettings,
  renewalOf,
  shortestLifetimeSeconds,
} from './lifetime.ts';
export { certificateFacts, readIdentity } from './read.ts';
