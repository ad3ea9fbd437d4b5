/** The control service: the one API under the command line and every later face. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import type { MeshAddresses } from '../addresses.ts';
import type { AuditSources } from '../audit/sources.ts';
import { shopClient } from '../shop/client.ts';
import { jaegerClient } from '../trace/jaeger.ts';
import { registerAudit } from './audit.ts';
import { registerDeadLetters } from './dead-letters.ts';
import { registerHealth } from './health.ts';
import { answerWithProblems } from './problem.ts';
import { registerTraces } from './traces.ts';

/** What {@link buildControl} needs. */
export interface ControlOptions {
  readonly addresses: MeshAddresses;
  readonly sources: AuditSources;
  readonly logLevel: string;
}

/** Makes the service; it seeds the demo data once it listens. */
export function buildControl({ addresses, sources, logLevel }: ControlOptions) {
  const fastify = Fastify({
    logger: {
      level: logLevel,
      base: { service: 'control' },
      formatters: { level: (label) => ({ level: label }) },
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  const shop = shopClient(addresses.gateway);
  answerWithProblems(fastify);
  registerHealth(fastify, shop);
  registerTraces(fastify, jaegerClient(addresses.jaeger), shop);
  registerAudit(fastify, sources);
  registerDeadLetters(fastify, sources);
  return fastify;
}
