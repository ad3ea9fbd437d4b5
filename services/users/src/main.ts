/** Starts the users service. */
import { createLogger, runService } from '@microshop/service-kit';
import { shutdownTelemetry } from '@microshop/telemetry/shutdown';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';

const config = readConfig();
const logger = createLogger('users', config.LOG_LEVEL);

await runService({
  host: config.HOST,
  port: config.PORT,
  logger,
  build: (signal) => buildApp(config, logger, signal),
  afterClose: shutdownTelemetry,
});
