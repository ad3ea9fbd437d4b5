/** Configuration of the mesh's Envoys, from the topology. */
export { accessLogFields } from './access-log.ts';
export type { EnvoyBootstrap } from './bootstrap.ts';
export { envoyArguments } from './command.ts';
export { gatewayConfig } from './gateway.ts';
export type { Json, JsonObject } from './json.ts';
export { sidecarConfig } from './sidecar.ts';
export { envoyConfigs, toYaml, writeEnvoyConfigs } from './write.ts';
