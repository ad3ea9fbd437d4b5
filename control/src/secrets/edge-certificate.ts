/**
 * The certificate that the gateway shows to clients: there before the service listens, renewed while it runs, or read again where it
 * is the user's. Only where the gateway authenticates clients.
 */
import { type EdgeOptions, ensureEdgeCertificate, givenFiles, namesIn } from '@microshop/envoy';
import { trustGateway } from '@microshop/program-kit/gateway-trust';
import type { Placement } from '@microshop/topology';
import type { FastifyInstance } from 'fastify';
import type { CertificateOptions } from './certificates.ts';
import { keepUp } from './upkeep.ts';

/** The placement, with the names in the user's certificate where the environment gives one: clients call the gateway by these, too. */
export async function withGivenNames(placement: Placement, env: NodeJS.ProcessEnv): Promise<Placement> {
  const given = placement.edgeAuth ? givenFiles(env) : undefined;
  if (given === undefined) return placement;
  const { gateway } = placement;
  const { tls } = gateway;
  const names = [...tls.names, ...(await namesIn(given, tls.address.host))];
  return { ...placement, gateway: { ...gateway, tls: { ...tls, names } } };
}

/** Where it is, and how it is made; `undefined` where the gateway does not authenticate clients. */
export function edgeOptions(
  { edgeAuth, gateway }: Placement,
  certificates: CertificateOptions,
  env: NodeJS.ProcessEnv,
): EdgeOptions | undefined {
  const { names, address } = gateway.tls;
  return edgeAuth ? { ...certificates, names, calledAs: address.host, given: givenFiles(env) } : undefined;
}

/** Registers the renewal. This process verifies the gateway with what it has made. */
export function registerEdgeCertificate(fastify: FastifyInstance, options: EdgeOptions): void {
  keepUp(fastify, 'the certificate for clients cannot be renewed', async () => {
    const { issued, renewAt } = await ensureEdgeCertificate(options);
    await trustGateway(options.directory);
    if (issued) {
      const source = options.given === undefined ? 'the authority for clients' : options.given.certificate;
      fastify.log.info({ source, renew_at: renewAt.toISOString() }, 'new certificate for clients');
    }
    return renewAt.getTime();
  });
}
