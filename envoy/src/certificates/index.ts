/** Certificates of the mesh's Envoys. */
export { ensureCertificates } from './ensure.ts';
export { authorityFile, identityFiles } from './files.ts';
export { type CertificateSettings, certificateSettings, shortestLifetimeSeconds } from './lifetime.ts';
export { certificateFacts } from './read.ts';
