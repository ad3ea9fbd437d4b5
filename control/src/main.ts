/**
 * Starts the control service. It makes passwords, certificates and what Envoys and apps watch before it listens: every
 * other process waits for them.
 */

import path from 'node:path';
import { signingKeysFile } from '@microshop/deploy/consumers';
import { consolePage } from '@microshop/deploy/programs';
import { meshAddresses } from '@microshop/program-kit/addresses';
import { repositoryRoot, runDirectory, runnerEventsFile } from '@microshop/program-kit/run-directory';
import { containerMode, inContainers, typedHere } from '@microshop/program-kit/typed-here';
import { createLogger, runService } from '@microshop/service-kit';
import { shutdownTelemetry } from '@microshop/telemetry/shutdown';
import { instanceNumber, meshUrls, publicKeys, publishedUrls } from '@microshop/topology';
import { buildControl } from './app.ts';
import { auditSources } from './audit/sources.ts';
import { changeDirectories, createChangeBook, placementOf } from './changes/book.ts';
import { deliveryByFiles } from './changes/delivery.ts';
import { createSessions } from './console/sessions.ts';
import { accessByToken, apiServer } from './replicas/access.ts';
import { deliveryByAgents } from './replicas/delivery.ts';
import { createRegistry } from './replicas/registry.ts';
import { certificateOptions } from './secrets/certificates.ts';
import { edgeOptions, withGivenNames } from './secrets/edge-certificate.ts';
import { makeNativeSecrets, makeSecrets } from './secrets/passwords.ts';
import type { SigningKeys } from './secrets/signing-keys.ts';
import { makeToken } from './secrets/token.ts';
import { serverSources } from './servers/readers.ts';

const { HOST = '127.0.0.1', PORT = '8090', LOG_LEVEL = 'info' } = process.env;
const { MESH_SECRETS_DIR, MESH_SECRETS_GROUP, GRAFANA_ADMIN_PASSWORD, MESH_EXPERIMENTS_DIR } = process.env;

/** What signs is loaded only where clients are authenticated. */
async function keysOf(file: string): Promise<SigningKeys> {
  const { signingKeysIn } = await import('./secrets/signing-keys.ts');
  return signingKeysIn(file);
}

/** What the log says to people who watch a mesh start, when an order can be placed. */
function readyLines(urls: Readonly<Record<string, string>>): string[] {
  return [
    `The mesh is ready. Shop ${urls['gateway']}/api/products, traces ${urls['jaeger']}, metrics ${urls['prometheus']}`,
    'Place an order: ./mesh order. All addresses: ./mesh status',
  ];
}

const addresses = meshAddresses();
const placement = await withGivenNames(placementOf(process.env), process.env);
const directories = changeDirectories(process.env);
// on Kubernetes pods share no directory with this service: their agents ask for the current state
const replicas =
  placement.mode === 'kubernetes'
    ? { registry: createRegistry(), access: accessByToken(apiServer(process.env)) }
    : undefined;
const delivery =
  replicas === undefined
    ? deliveryByFiles(placement, directories)
    : deliveryByAgents(placement, replicas.registry);
const logger = createLogger('control', LOG_LEVEL);
/** Of the service that signs with them: in containers it has a directory of its own. */
const keysDirectory =
  MESH_SECRETS_DIR === undefined
    ? runDirectory(instanceNumber()).secrets
    : path.join(MESH_SECRETS_DIR, publicKeys.service);

await runService({
  host: HOST,
  port: Number(PORT),
  logger,
  build: async () => {
    // on Kubernetes they are Secrets, which the chart makes
    if (MESH_SECRETS_DIR === undefined) {
      await makeNativeSecrets(runDirectory(instanceNumber()).secrets);
    } else if (containerMode() === 'compose') {
      await makeSecrets({
        directory: MESH_SECRETS_DIR,
        ...(MESH_SECRETS_GROUP ? { serverGroup: Number(MESH_SECRETS_GROUP) } : {}),
        ...(GRAFANA_ADMIN_PASSWORD ? { chosen: { grafana: GRAFANA_ADMIN_PASSWORD } } : {}),
      });
    }
    const certificates = certificateOptions(process.env);
    return await buildControl({
      addresses,
      servers: serverSources(),
      sources: auditSources(),
      logger,
      guard: {
        // its name in the containers' network is that of its own address
        hostNames: ['127.0.0.1', 'localhost', '[::1]', new URL(addresses.control).hostname],
        token: await makeToken(directories.state),
      },
      sessions: createSessions(instanceNumber()),
      page: path.join(repositoryRoot, consolePage),
      logs: inContainers() ? undefined : runDirectory(instanceNumber()).logs,
      experiments:
        MESH_EXPERIMENTS_DIR || (inContainers() ? undefined : runDirectory(instanceNumber()).experiments),
      command: inContainers() ? undefined : path.join(repositoryRoot, 'mesh'),
      certificates,
      edgeCertificate: edgeOptions(placement, certificates, process.env),
      signingKeys: placement.edgeAuth ? await keysOf(path.join(keysDirectory, signingKeysFile)) : undefined,
      changes: createChangeBook(placement, directories.state, delivery),
      replicas,
      runnerEvents: runnerEventsFile(runDirectory(instanceNumber())),
      onReady: () => {
        if (!inContainers()) return;
        const urls = containerMode() === 'compose' ? publishedUrls() : meshUrls(placement);
        for (const line of readyLines(urls)) logger.info(typedHere(line));
      },
    });
  },
  afterClose: shutdownTelemetry,
});
