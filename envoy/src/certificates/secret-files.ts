/** Texts of the files from which Envoy reads its secrets (SDS). */
import { stringify } from 'yaml';
import { type JsonObject, typed } from '../json.ts';
import { secretNames } from './files.ts';
import type { KeyPair } from './issue.ts';

/** A certificate, with those that lead to its authority after it, and its key: they change together or not at all. */
export function certificateSecret(
  name: Exclude<keyof typeof secretNames, 'trust'>,
  { certificate, key }: KeyPair,
): string {
  return secretFile(secretNames[name], {
    tls_certificate: {
      certificate_chain: { inline_string: certificate },
      private_key: { inline_string: key },
    },
  });
}

/** Who is trusted, PEM. */
export function trustSecret(trust: string): string {
  return secretFile(secretNames.trust, {
    validation_context: { trusted_ca: { inline_string: trust } },
  });
}

function secretFile(name: string, secret: JsonObject): string {
  return stringify({
    resources: [typed('envoy.extensions.transport_sockets.tls.v3.Secret', { name, ...secret })],
  });
}
