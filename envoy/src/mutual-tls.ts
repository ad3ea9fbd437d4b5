/**
 * Mutual TLS between pods. Both ends show a certificate of the mesh's authority and check the other's: a caller
 * demands the identity of the service it calls, a callee any identity of the mesh (who of them may call is up to
 * `authorization.ts`). Certificates come as files (SDS) and are reloaded whenever one is renamed into place.
 */
import {
  certificatesDirectory,
  type Identity,
  type ServiceName,
  spiffeId,
  trustDomain,
} from '@microshop/topology';
import { secretNames } from './certificates/files.ts';
import { type JsonObject, typed } from './json.ts';

/** The transport socket of an inbound listener: no certificate of ours, no connection. */
export function acceptMesh(own: Identity): JsonObject {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
      require_client_certificate: true,
      // A resumed session would not look at the caller's certificate again, though it may have ended meanwhile.
      disable_stateless_session_resumption: true,
      disable_stateful_session_resumption: true,
      common_tls_context: commonTls(own, { prefix: `spiffe://${trustDomain}/` }),
    }),
  };
}

/** The transport socket of a cluster: shows who calls, and takes nobody but the callee for an answer. */
export function callMesh(own: Identity, callee: ServiceName): JsonObject {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      max_session_keys: 0,
      common_tls_context: commonTls(own, { exact: spiffeId(callee) }),
    }),
  };
}

function commonTls(own: Identity, peer: JsonObject): JsonObject {
  return {
    tls_params: { tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
    tls_certificate_sds_secret_configs: [secretOf(own, secretNames.identity)],
    combined_validation_context: {
      default_validation_context: { match_typed_subject_alt_names: [{ san_type: 'URI', matcher: peer }] },
      validation_context_sds_secret_config: secretOf(own, secretNames.trust),
    },
  };
}

/** A secret of an identity, from its file. */
export function secretOf(own: Identity, name: string): JsonObject {
  const directory = `${certificatesDirectory}/${own}`;
  return {
    name,
    sds_config: {
      resource_api_version: 'V3',
      path_config_source: {
        path: `${directory}/${name}.yaml`,
        watched_directory: { path: directory },
      },
    },
  };
}
