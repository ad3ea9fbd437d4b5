/**
 * TLS between clients and the gateway, where it authenticates them: the gateway shows a certificate of an authority that mesh peers do
 * not trust, or the user's own. What comes without TLS is redirected.
 */
import type { Placement } from '@microshop/topology';
import { secretNames } from './certificates/files.ts';
import { setHeader } from './headers.ts';
import { type JsonObject, typed } from './json.ts';
import { secretOf } from './mutual-tls.ts';
import { answered, refusals } from './refusals.ts';

/** The transport socket of the listener for clients. */
export function acceptClients(): JsonObject {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typed('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
      common_tls_context: {
        // Ciphers and curves are Envoy's own: each has forward secrecy, and authenticates what it encrypts.
        tls_params: { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' },
        alpn_protocols: ['h2', 'http/1.1'],
        tls_certificate_sds_secret_configs: [secretOf('gateway', secretNames.edge)],
      },
    }),
  };
}

/**
 * How long a browser asks for HTTPS by itself, seconds. A day: it counts for every port of a host name, `localhost` too, and other
 * servers there speak plain HTTP.
 */
const strictSeconds = 86_400;

/** HTTP filter that asks browsers to come over HTTPS alone (HSTS). Only for a listener with TLS: elsewhere it means nothing. */
export function strictTransport(): JsonObject {
  return {
    // another filter of its kind tells the trace
    name: 'microshop.strict-transport',
    typed_config: typed('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
      mutations: {
        response_mutations: [{ append: setHeader('strict-transport-security', `max-age=${strictSeconds}`) }],
      },
    }),
  };
}

/**
 * Everything that is answered without TLS: the same address over HTTPS, for any method with its body (308). Only for names of the
 * gateway: a redirect to whatever `host` says would lead its reader there.
 */
export function redirectRoutes({ gateway }: Placement): JsonObject {
  const { names, address, port } = gateway.tls;
  const own = inUrl(address.host);
  const clients = new Set(names.map(inUrl));
  clients.delete(own);
  const hosts = [
    { name: 'clients', domains: [...clients], port },
    { name: 'parts', domains: [own], port: address.port },
  ];
  return {
    // a client may have come through any port
    ignore_port_in_host_matching: true,
    virtual_hosts: [
      ...hosts.map(({ name, domains, port: at }) => ({
        name,
        domains,
        routes: [...refusals(), redirect(at)],
      })),
      {
        name: 'unknown',
        domains: ['*'],
        routes: [...refusals(), answered('unknown host', { prefix: '/' }, 400)],
      },
    ],
  };
}

function redirect(port: number): JsonObject {
  return {
    name: 'redirect',
    match: { prefix: '/' },
    redirect: { https_redirect: true, port_redirect: port, response_code: 'PERMANENT_REDIRECT' },
  };
}

/** A name or an address as it stands in URLs; in a certificate a name can stand twice, in capitals as well. */
function inUrl(name: string): string {
  return name.includes(':') ? new URL(`https://[${name}]`).hostname : name.toLowerCase();
}
