/** Envoys without mutual TLS: for measurements alone, as nothing then proves who calls. */
import type { Json } from '@microshop/envoy';
import { type EnvoyEdit, isList } from './edited-files.ts';

/**
 * Takes the transport sockets of listeners and clusters, and of the rule who may call the part that asks for a certificate: what is
 * left of it compares the header that names the caller.
 */
export const plain: EnvoyEdit = {
  takes: 'mutual TLS',
  without(one) {
    const { transport_socket: socket, ...rest } = one;
    if (socket !== undefined) return rest;
    const { ids } = one;
    if (!isList(ids)) return one;
    const left = ids.filter((id) => !isCertificate(id));
    return left.length === ids.length ? one : { ...one, ids: left };
  },
};

function isCertificate(id: Json): boolean {
  return typeof id === 'object' && id !== null && 'authenticated' in id;
}
