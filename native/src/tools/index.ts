/** Provisioning of the servers the native mesh runs. */
export { cacheDirectory } from './cache.ts';
export { definitions } from './definitions.ts';
export { everyTool, provisionProgress, stepText, timeText } from './progress.ts';
export {
  type ProvisionEvent,
  type Provisioning,
  type ProvisionOptions,
  startProvisioning,
} from './provision.ts';
export { type Progress, type Tool, type ToolName, toolNames } from './tool.ts';
