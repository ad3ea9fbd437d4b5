/** The inside of a mesh in containers: certificates come from the control service, which holds all; connections go through a relay. */
import { authorityFile, identityFiles } from '@microshop/envoy';
import { keyPair } from '@microshop/envoy/testing/certificates.ts';
import { composePlacement } from '@microshop/topology';
import { inContainer } from './docker.ts';
import type { Inside } from './driver.ts';
import { startRelay } from './relay.ts';

/** Runs in the container of the control service, with its environment: renews every certificate. */
const renewal = `
  import { certificateSettings, ensureCertificates } from '@microshop/envoy';
  const directory = process.env.MESH_CERTIFICATES_DIR;
  await ensureCertificates({ directory, ...certificateSettings(), renew: true });`;

/** The same for the certificate that clients are shown. */
const edgeRenewal = `
  import { certificateSettings, ensureEdgeCertificate } from '@microshop/envoy';
  import { composePlacement } from '@microshop/topology';
  const { names, address } = composePlacement().gateway.tls;
  const where = { directory: process.env.MESH_CERTIFICATES_DIR, names, calledAs: address.host };
  await ensureEdgeCertificate({ ...where, ...certificateSettings(), renew: true });`;

/** What stands in a file of the control service. */
const inControl = (file: string) => inContainer('control', 'cat', file);

/** That of the project; its relay runs until it is closed. */
export async function composeInside(): Promise<Inside> {
  const { pods } = composePlacement();
  const relay = await startRelay(pods.map((pod) => pod.inbound));
  return {
    inbound(service) {
      const address = relay.addresses[pods.findIndex((pod) => pod.service === service)];
      if (address === undefined) throw new Error(`${service} has no pod`);
      return address;
    },
    async certificate(identity) {
      const files = identityFiles('/certificates', identity);
      const [own, ca] = await Promise.all([files.identity, files.trust].map(inControl));
      if (own === undefined || ca === undefined) throw new Error(`${identity} has no certificate`);
      return { cert: own, key: own, ca };
    },
    authority: async () => keyPair(await inControl(authorityFile('/certificates'))),
    async renewCertificates() {
      await inContainer('control', 'node', '--input-type=module', '--eval', renewal);
    },
    async renewEdgeCertificate() {
      await inContainer('control', 'node', '--input-type=module', '--eval', edgeRenewal);
    },
    close: () => relay.close(),
  };
}
