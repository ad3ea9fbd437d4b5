/** Configuration of the mesh's Envoys, from the topology. */
export { accessLogFields } from './access-log.ts';
export type { EnvoyBootstrap } from './bootstrap.ts';
export {
  authorityFile,
  type CertificateFacts,
  type CertificateSettings,
  certificateFacts,
  certificateSettings,
  type Ensured,
  type EnsureOptions,
  ensureCertificates,
  identityFiles,
} from './certificates/index.ts';
export { envoyArguments } from './command.ts';
export { dynamicDirectory, fileNames, versionOf } from './dynamic.ts';
export { callersMeeting, type Fault, faultFor, faultKeyPrefix, faultRuntime } from './fault.ts';
export { replacedPrefix } from './fault-filters.ts';
export { gatewayConfig } from './gateway.ts';
export type { Json, JsonObject } from './json.ts';
export { certificatesDirectory } from './mutual-tls.ts';
export { sidecarConfig } from './sidecar.ts';
export {
  envoyConfigs,
  type MeshChanges,
  noChanges,
  splitConfigs,
  toYaml,
  writeBootstraps,
  writeDynamic,
  writeEnvoyConfigs,
} from './write.ts';
