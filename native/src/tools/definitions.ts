/** All tools by name. */
import { envoy } from './envoy.ts';
import { jaeger } from './jaeger.ts';
import { k6 } from './k6.ts';
import { postgres } from './postgres.ts';
import { prometheus } from './prometheus.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';
import type { ToolDefinition, ToolName } from './tool.ts';

/** How each tool is recognised and supplied. */
export const definitions: Readonly<Record<ToolName, ToolDefinition>> = {
  envoy,
  jaeger,
  k6,
  postgres,
  prometheus,
  rabbitmq,
  redis,
};
