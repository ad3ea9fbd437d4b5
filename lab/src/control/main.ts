/** Starts the control service. In compose it makes the passwords first: every server waits for them. */
import closeWithGrace from 'close-with-grace';
import { meshAddresses } from '../addresses.ts';
import { changeDirectories, placementOf } from '../changes/mesh-of.ts';
import { buildControl } from './app.ts';
import { createChangeBook } from './changes.ts';
import { makeToken } from './token.ts';

const { HOST = '127.0.0.1', PORT = '8090', LOG_LEVEL = 'info' } = process.env;

/** Time an ordered end may take, milliseconds. */
const closeTimeoutMs = 8000;

const addresses = meshAddresses();
const directories = changeDirectories(process.env);
const control = buildControl({
  addresses,
  logLevel: LOG_LEVEL,
  guard: {
    // the name it has in the network of containers is the one of its own address
    hostNames: ['127.0.0.1', 'localhost', '[::1]', new URL(addresses.control).hostname],
    token: await makeToken(directories.state),
  },
  changes: createChangeBook(placementOf(process.env), directories),
});

closeWithGrace({ delay: closeTimeoutMs, logger: false }, async ({ err, signal }) => {
  if (err !== undefined) control.log.fatal({ err }, 'unexpected error, ending');
  else control.log.info({ signal }, 'ending');
  await control.close();
});

await control.listen({ host: HOST, port: Number(PORT) });
