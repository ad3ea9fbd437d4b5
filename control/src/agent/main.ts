/** Starts the agent of a pod. */
import { createLogger, loadConfig, runService } from '@microshop/service-kit';
import { podPorts } from '@microshop/topology';
import { Type } from 'typebox';
import { placementOf } from '../changes/book.ts';
import { buildAgent } from './app.ts';
import { agentSettings } from './settings.ts';

const { HOST, MESH_AGENT_PORT, LOG_LEVEL } = loadConfig({
  HOST: Type.String({ default: '0.0.0.0' }),
  MESH_AGENT_PORT: Type.Integer({ default: podPorts.agent, minimum: 1, maximum: 65_535 }),
  LOG_LEVEL: Type.String({ default: 'info' }),
});
const settings = agentSettings(process.env);
const logger = createLogger('agent', LOG_LEVEL);

await runService({
  host: HOST,
  port: MESH_AGENT_PORT,
  logger,
  build: () => buildAgent({ settings, placement: placementOf(process.env), logger }),
  afterClose: async () => undefined,
});
