/** Where a service reaches its peers: through its sidecar, or each at an address of its own. */
import { ConfigError } from './config.ts';

/** The two settings, of which one is set. */
export interface PeerSettings {
  readonly MESH_OUTBOUND_URL?: string;
  readonly MESH_PEER_URLS?: string;
}

/**
 * The address of the sidecar's outbound listener, or the address of each peer by its name. Throws {@link ConfigError} unless
 * exactly one of the settings is there, and names each of `peers`, no other, with an HTTP address without a path.
 */
export function outboundOf(
  { MESH_OUTBOUND_URL: sidecar, MESH_PEER_URLS: urls }: PeerSettings,
  peers: readonly string[],
): string | ReadonlyMap<string, string> {
  if (sidecar !== undefined && urls !== undefined) {
    throw new ConfigError(
      'MESH_OUTBOUND_URL and MESH_PEER_URLS are both set; a service has a sidecar or it has none',
    );
  }
  if (sidecar !== undefined) return sidecar;
  if (urls === undefined) {
    throw new ConfigError(
      'MESH_OUTBOUND_URL must be the address of the sidecar; without one, set MESH_PEER_URLS',
    );
  }
  const addresses = new Map(urls.split(',').map((entry) => addressIn(entry.trim())));
  const missing = peers.filter((peer) => !addresses.has(peer));
  const unknown = [...addresses.keys()].filter((name) => !peers.includes(name));
  if (missing.length > 0) throw new ConfigError(`MESH_PEER_URLS has no address of ${missing.join(', ')}`);
  if (unknown.length > 0) {
    throw new ConfigError(`MESH_PEER_URLS names ${unknown.join(', ')}; the peers are ${peers.join(', ')}`);
  }
  return addresses;
}

function addressIn(entry: string): readonly [string, string] {
  const [, name, address] = /^([^=]+)=(.+)$/.exec(entry) ?? [];
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (name === undefined || url?.protocol !== 'http:' || url.pathname !== '/' || url.search !== '') {
    throw new ConfigError(
      `MESH_PEER_URLS takes <peer>=http://host:port, separated by commas, not "${entry}"`,
    );
  }
  return [name, url.origin];
}
