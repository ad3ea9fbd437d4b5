/** The inside of a mesh of local processes: pods listen on this machine, and certificates are files of the checkout. */
import { readFile } from 'node:fs/promises';
import {
  authorityFile,
  certificateSettings,
  ensureCertificates,
  ensureEdgeCertificate,
} from '@microshop/envoy';
import { keyPair, materialOf } from '@microshop/envoy/testing/certificates.ts';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { nativePlacement, podsOf } from '@microshop/topology';
import type { Inside } from './driver.ts';

/** That of the mesh with that number. */
export function nativeInside(instance: number): Inside {
  const { path, certificates } = runDirectory(instance);
  return {
    inbound(service) {
      const [pod] = podsOf(nativePlacement({ instance }), service);
      if (pod === undefined) throw new Error(`${service} has no pod`);
      return pod.inbound;
    },
    certificate: (identity) => materialOf(path, identity),
    authority: async () => keyPair(await readFile(authorityFile(certificates), 'utf8')),
    async renewCertificates() {
      await ensureCertificates({ directory: certificates, ...certificateSettings(), renew: true });
    },
    async renewEdgeCertificate() {
      const { names, address } = nativePlacement({ instance }).gateway.tls;
      await ensureEdgeCertificate({
        ...{ directory: certificates, names, calledAs: address.host },
        ...certificateSettings(),
        renew: true,
      });
    },
    close: async () => undefined,
  };
}
