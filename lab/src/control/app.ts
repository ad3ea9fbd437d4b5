/** The control service: the one API under the command line and every later face. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import type { MeshAddresses } from '../addresses.ts';
import type { AuditSources } from '../audit/sources.ts';
import { readGaps } from '../completeness/gaps.ts';
import { deadLetterBook } from '../dead-letters/book.ts';
import { observeServers } from '../servers/metrics.ts';
import type { ServerSources } from '../servers/sources.ts';
import { shopClient } from '../shop/client.ts';
import { jaegerClient } from '../trace/jaeger.ts';
import { orderInTrace } from '../trace/order-in-trace.ts';
import { registerAudit } from './audit.ts';
import { registerBreakers } from './breakers.ts';
import { type CertificateOptions, registerCertificates } from './certificates.ts';
import type { ChangeBook } from './changes.ts';
import { registerCompleteness } from './completeness.ts';
import { registerConsumers } from './consumers.ts';
import { registerDeadLetters } from './dead-letters.ts';
import { registerFaults } from './faults.ts';
import { type GuardOptions, guard } from './guard.ts';
import { registerHealth } from './health.ts';
import { registerMessages } from './messages.ts';
import { registerOutbox } from './outbox.ts';
import { registerPolicies } from './policies.ts';
import { answerWithProblems } from './problem.ts';
import { registerTraces } from './traces.ts';

/** What {@link buildControl} needs. */
export interface ControlOptions {
  readonly addresses: MeshAddresses;
  /** Servers whose own numbers are reported. */
  readonly servers: ServerSources;
  /** Databases and broker that an audit reads. */
  readonly sources: AuditSources;
  readonly logLevel: string;
  /** Who may reach it, and who may change something. */
  readonly guard: GuardOptions;
  readonly certificates: CertificateOptions;
  /** Faults and policies of the mesh. */
  readonly changes: ChangeBook;
  /** The runner's log; in containers there is none. */
  readonly runnerLog: string;
  /** Called once, when an order can be placed. */
  readonly onReady: () => void;
}

/** Makes the service; it seeds the demo data once it listens. */
export function buildControl(options: ControlOptions) {
  const { addresses, servers, sources, logLevel, certificates, changes, runnerLog, onReady } = options;
  const fastify = Fastify({
    logger: {
      level: logLevel,
      base: { service: 'control' },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  const shop = shopClient(addresses.gateway);
  answerWithProblems(fastify);
  guard(fastify, options.guard);
  registerCertificates(fastify, certificates);
  registerFaults(fastify, changes);
  registerPolicies(fastify, changes);
  registerBreakers(fastify, addresses.prometheus);
  registerConsumers(fastify, addresses.prometheus);
  registerHealth(fastify, shop, changes, onReady);
  const traces = jaegerClient(addresses.jaeger);
  registerTraces(fastify, traces, shop, {
    gaps: () => readGaps(runnerLog),
    orderOf: (traceId) => orderInTrace(sources, traceId),
  });
  registerCompleteness(fastify, { traces, sources, runnerLog });
  const letters = deadLetterBook(sources);
  registerAudit(fastify, sources, letters);
  registerDeadLetters(fastify, letters);
  registerOutbox(fastify, sources, letters);
  registerMessages(fastify, sources);
  fastify.addHook('onClose', observeServers(servers));
  return fastify;
}
