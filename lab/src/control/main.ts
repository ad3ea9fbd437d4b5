/** Starts the control service. In compose it makes the passwords first: every server waits for them. */
import closeWithGrace from 'close-with-grace';
import { meshAddresses } from '../addresses.ts';
import { auditSources } from '../audit/sources.ts';
import { buildControl } from './app.ts';

const { HOST = '127.0.0.1', PORT = '8090', LOG_LEVEL = 'info' } = process.env;

/** Time an ordered end may take, milliseconds. */
const closeTimeoutMs = 8000;

const control = buildControl({ addresses: meshAddresses(), sources: auditSources(), logLevel: LOG_LEVEL });

closeWithGrace({ delay: closeTimeoutMs, logger: false }, async ({ err, signal }) => {
  if (err !== undefined) control.log.fatal({ err }, 'unexpected error, ending');
  else control.log.info({ signal }, 'ending');
  await control.close();
});

await control.listen({ host: HOST, port: Number(PORT) });
