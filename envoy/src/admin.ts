/**
 * Envoy's admin. Natively and in compose it is read-only where others reach it. On Kubernetes it is for its own pod, and
 * may start a drain; what others read of it is a listener of its own.
 */
import { type Address, type Placement, podPorts } from '@microshop/topology';
import { socketAddress } from './clusters.ts';
import { router } from './connection-manager.ts';
import { type Json, type JsonObject, typed } from './json.ts';

/** Admin paths that only read. Everything else is refused, among them all that change something. */
const readingPaths = [
  '/stats',
  '/stats/prometheus',
  '/ready',
  '/clusters',
  '/config_dump',
  '/runtime',
] as const;

/**
 * Begins to leave: for the drain time Envoy asks callers to go elsewhere (`connection: close`, GOAWAY), and goes on serving. Calls
 * of its own app go on as well, and the process does not end by itself.
 */
export const drainPath = '/drain_listeners?graceful&inboundonly&skip_exit';

/** Name of the listener through which others read the admin, and of the cluster behind it. */
export const adminView = 'admin';

/** The admin of an Envoy, with what it takes for others to read it. */
export interface Admin {
  /** The bootstrap's `admin`. */
  readonly admin: JsonObject;
  /** Listeners and clusters that are there from the first moment, whatever the watched files say. */
  readonly listeners: readonly JsonObject[];
  readonly clusters: readonly JsonObject[];
}

/** The admin at that address. `health`: whether the health of the app in the pod can be asked there, too. */
export function adminOf({ mode }: Placement, address: Address, health: boolean): Admin {
  if (mode !== 'kubernetes') {
    return { admin: admin(address, readingPaths.map(exactly)), listeners: [], clusters: [] };
  }
  const own = { host: '127.0.0.1', port: podPorts.admin };
  return {
    admin: admin(own, [...readingPaths.map(exactly), { exact: drainPath }]),
    listeners: [viewListener(address, health)],
    clusters: [viewCluster(own)],
  };
}

function admin(address: Address, paths: readonly Json[]): JsonObject {
  return {
    address: socketAddress(address),
    allow_paths: paths,
    // the admin port stays reachable when clients hold all connections
    ignore_global_conn_limit: true,
  };
}

/** Exactly that path, with or without a query: a prefix `/runtime` would open `/runtime_modify`. */
function exactly(path: string): Json {
  return { safe_regex: { regex: `${path}(\\?.*)?` } };
}

/** Reads only; kubelets ask for health here, since the app listens for its own pod alone. */
function viewListener(address: Address, health: boolean): JsonObject {
  const isRead = { name: ':method', string_match: { exact: 'GET' } };
  const routes = [
    ...readingPaths.map((path) => ({ match: { path, headers: [isRead] }, route: { cluster: adminView } })),
    ...(health ? [{ match: { prefix: '/health/', headers: [isRead] }, route: { cluster: 'app' } }] : []),
  ];
  return {
    name: adminView,
    address: socketAddress(address),
    enable_reuse_port: false,
    ignore_global_conn_limit: true,
    filter_chains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            typed_config: typed(
              'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
              {
                stat_prefix: adminView,
                normalize_path: true,
                route_config: {
                  name: adminView,
                  virtual_hosts: [{ name: adminView, domains: ['*'], routes }],
                  // the app's cluster comes with the watched files
                  validate_clusters: false,
                },
                http_filters: [router()],
              },
            ),
          },
        ],
      },
    ],
  };
}

function viewCluster(own: Address): JsonObject {
  return {
    name: adminView,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: adminView,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(own) } }] }],
    },
  };
}
