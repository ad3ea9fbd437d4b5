/** Certificates of the mesh's Envoys. */
export { type Ensured, type EnsureOptions, ensureCertificates } from './ensure.ts';
export { authorityFile, identityFiles } from './files.ts';
export { type CertificateSettings, certificateSettings } from './lifetime.ts';
export { type CertificateFacts, certificateFacts } from './read.ts';
