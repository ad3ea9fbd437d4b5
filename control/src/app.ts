/** The control service: the one API under the command line and every later face. */
import type { EdgeOptions } from '@microshop/envoy';
import type { MeshAddresses } from '@microshop/program-kit/addresses';
import { createService, type Service } from '@microshop/service-kit';
import type { FastifyBaseLogger } from 'fastify';
import { registerAudit } from './audit/routes.ts';
import type { AuditSources } from './audit/sources.ts';
import type { ChangeBook } from './changes/book.ts';
import { registerFaults } from './changes/fault-routes.ts';
import { registerPolicies } from './changes/policy-routes.ts';
import { readGaps } from './completeness/outcome.ts';
import { registerCompleteness } from './completeness/routes.ts';
import { experimentCommand } from './console/experiment-command.ts';
import { processCommand } from './console/process-command.ts';
import { registerConsole } from './console/routes.ts';
import type { Sessions } from './console/sessions.ts';
import { createTraffic } from './console/traffic.ts';
import { deadLetterBook } from './dead-letters/book.ts';
import { registerDeadLetters } from './dead-letters/routes.ts';
import { registerMessages } from './messages/routes.ts';
import { registerOutbox } from './outbox/routes.ts';
import type { Access } from './replicas/access.ts';
import type { Registry } from './replicas/registry.ts';
import { registerReplicas } from './replicas/routes.ts';
import { registerSigning } from './replicas/signing.ts';
import { type CertificateOptions, registerCertificates } from './secrets/certificates.ts';
import { registerEdgeCertificate } from './secrets/edge-certificate.ts';
import type { SigningKeys } from './secrets/signing-keys.ts';
import { observeServers } from './servers/metrics.ts';
import type { ServerSources } from './servers/readers.ts';
import { registerBreakers, registerConsumers } from './service/apps.ts';
import { type GuardOptions, guard } from './service/guard.ts';
import { registerHealth } from './service/health.ts';
import { problemOf } from './service/problem.ts';
import { shopClient } from './service/shop.ts';
import { jaegerClient } from './trace/jaeger.ts';
import { orderInTrace, registerTraces } from './trace/routes.ts';

/** What {@link buildControl} needs. */
export interface ControlOptions {
  readonly addresses: MeshAddresses;
  /** Servers whose own numbers are reported. */
  readonly servers: ServerSources;
  /** Databases and broker that an audit reads. */
  readonly sources: AuditSources;
  readonly logger: FastifyBaseLogger;
  /** Who may reach it, and who may change something. */
  readonly guard: Omit<GuardOptions, 'sessions'>;
  /** Pages that may change something. */
  readonly sessions: Sessions;
  /** Directory of the console's page, as it was built. */
  readonly page: string;
  /** Directory of the parts' logs; in containers the engine has them. */
  readonly logs: string | undefined;
  /** Directory of the reports of experiments; undefined where there is none. */
  readonly experiments: string | undefined;
  /** The file that runs the mesh command, for experiments and processes; in containers there is none beside this service. */
  readonly command: string | undefined;
  readonly certificates: CertificateOptions;
  /** Of what clients are shown; undefined where the gateway does not authenticate them. */
  readonly edgeCertificate: EdgeOptions | undefined;
  /** Keys that sign the tokens of clients; undefined where the gateway does not authenticate them. */
  readonly signingKeys: SigningKeys | undefined;
  /** Faults and policies of the mesh. */
  readonly changes: ChangeBook;
  /** Replicas whose agents fetch changes and certificates; undefined where this service writes them. */
  readonly replicas: { readonly registry: Registry; readonly access: Access } | undefined;
  /** File of the runner's events; in containers there is none. */
  readonly runnerEvents: string;
  /** Called once, when an order can be placed. */
  readonly onReady: () => void;
}

/** Makes the service; it seeds the demo data once it listens. */
export async function buildControl(options: ControlOptions): Promise<Service> {
  const { addresses, servers, sources, logger, certificates, changes, runnerEvents, onReady } = options;
  const { signingKeys, edgeCertificate } = options;
  const fastify = await createService({ name: 'control', logger, problemOf });
  const shop = shopClient(
    addresses.gateway,
    signingKeys === undefined ? undefined : async () => (await signingKeys.operatorToken()).token,
  );
  guard(fastify, { ...options.guard, sessions: options.sessions });
  if (options.replicas === undefined) {
    registerCertificates(fastify, certificates);
    if (edgeCertificate !== undefined) registerEdgeCertificate(fastify, edgeCertificate);
  } else {
    const { registry, access } = options.replicas;
    registerReplicas(fastify, registry, access);
    registerSigning(fastify, registry, access, certificates);
  }
  if (signingKeys !== undefined) {
    // what signs is loaded only where it is needed
    const { registerSigningKeys } = await import('./secrets/signing-keys.ts');
    registerSigningKeys(fastify, signingKeys);
  }
  registerFaults(fastify, changes);
  registerPolicies(fastify, changes);
  registerBreakers(fastify, addresses.prometheus);
  registerConsumers(fastify, addresses.prometheus);
  registerHealth(fastify, shop, changes, onReady);
  const traces = jaegerClient(addresses.jaeger);
  registerTraces(fastify, traces, shop, {
    gaps: () => readGaps(runnerEvents),
    orderOf: (traceId) => orderInTrace(sources, traceId),
  });
  const completeness = registerCompleteness(fastify, { traces, sources, runnerEvents });
  const letters = deadLetterBook(sources);
  registerAudit(fastify, sources, letters);
  registerDeadLetters(fastify, letters);
  registerOutbox(fastify, sources, letters);
  registerMessages(fastify, sources);
  await registerConsole(fastify, {
    page: options.page,
    sessions: options.sessions,
    placement: changes.placement,
    addresses: {
      ...addresses,
      postgres: servers.postgres,
      redis: servers.redis,
      management: sources.managementUrl,
    },
    changes,
    sources,
    traffic: createTraffic(shop),
    completeness,
    logs: options.logs,
    experiments: options.experiments,
    run:
      options.command === undefined || options.experiments === undefined
        ? undefined
        : experimentCommand(options.command, options.experiments),
    processes: options.command === undefined ? undefined : processCommand(options.command),
  });
  fastify.addHook('onClose', observeServers(servers));
  return fastify;
}
