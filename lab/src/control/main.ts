/** Starts the control service. In compose it makes the passwords first: every server waits for them. So it does
 * with the certificates. */
import closeWithGrace from 'close-with-grace';
import { meshAddresses } from '../addresses.ts';
import { makeSecrets } from '../compose/secrets.ts';
import { buildControl } from './app.ts';
import { certificateOptions } from './certificates.ts';

const { HOST = '127.0.0.1', PORT = '8090', LOG_LEVEL = 'info' } = process.env;
const { MESH_SECRETS_DIR, MESH_SECRETS_GROUP, GRAFANA_ADMIN_PASSWORD } = process.env;

/** Time an ordered end may take, milliseconds. */
const closeTimeoutMs = 8000;

const control = buildControl({
  addresses: meshAddresses(),
  logLevel: LOG_LEVEL,
  certificates: certificateOptions(process.env),
});

closeWithGrace({ delay: closeTimeoutMs, logger: false }, async ({ err, signal }) => {
  if (err !== undefined) control.log.fatal({ err }, 'unexpected error, ending');
  else control.log.info({ signal }, 'ending');
  await control.close();
});

if (MESH_SECRETS_DIR !== undefined) {
  await makeSecrets({
    directory: MESH_SECRETS_DIR,
    ...(MESH_SECRETS_GROUP ? { serverGroup: Number(MESH_SECRETS_GROUP) } : {}),
    ...(GRAFANA_ADMIN_PASSWORD ? { chosen: { grafana: GRAFANA_ADMIN_PASSWORD } } : {}),
  });
}
await control.listen({ host: HOST, port: Number(PORT) });
