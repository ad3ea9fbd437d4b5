/** Configuration of the mesh's Envoys, from the topology. */
export { drainPath } from './admin.ts';
export { callConfigs } from './calls.ts';
export {
  authorityFile,
  type CertificateSettings,
  certificateFacts,
  certificateSettings,
  type EdgeOptions,
  edgeFiles,
  ensureAuthority,
  ensureCertificates,
  ensureEdgeCertificate,
  givenFiles,
  givenVariables,
  identityFiles,
  namesIn,
  putIdentity,
  readGiven,
  readIdentity,
  renewalOf,
  shortestLifetimeSeconds,
} from './certificates/index.ts';
export { envoyArguments } from './command.ts';
export { fileNames, type SplitConfig, versionOf } from './dynamic.ts';
export { callersMeeting, type Fault, faultKeyPrefix, faultRuntime } from './fault.ts';
export { replacedPrefix, slowedPrefix } from './fault-filters.ts';
export type { Json, JsonObject } from './json.ts';
export { nameRefreshMs } from './limits.ts';
export {
  dynamicFiles,
  type MeshChanges,
  splitConfigs,
  toYaml,
  writeBootstraps,
} from './write.ts';
