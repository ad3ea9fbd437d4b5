/** Starts the control service. In compose it makes the passwords first: every server waits for them. */
import { shutdownTelemetry } from '@microshop/telemetry';
import { instanceNumber } from '@microshop/topology';
import closeWithGrace from 'close-with-grace';
import { meshAddresses } from '../addresses.ts';
import { logFile, runDirectory } from '../runner/run-directory.ts';
import { serverSources } from '../servers/sources.ts';
import { buildControl } from './app.ts';

const { HOST = '127.0.0.1', PORT = '8090', LOG_LEVEL = 'info' } = process.env;

/** Time an ordered end may take, milliseconds. */
const closeTimeoutMs = 8000;

const control = buildControl({
  addresses: meshAddresses(),
  servers: serverSources(),
  logLevel: LOG_LEVEL,
  runnerLog: logFile(runDirectory(instanceNumber()), 'runner'),
});

closeWithGrace({ delay: closeTimeoutMs, logger: false }, async ({ err, signal }) => {
  if (err !== undefined) control.log.fatal({ err }, 'unexpected error, ending');
  else control.log.info({ signal }, 'ending');
  await control.close();
  await shutdownTelemetry();
});

await control.listen({ host: HOST, port: Number(PORT) });
