/** Where a mesh is reached over HTTP: by the placement of the native mesh, or by `MESH_URL_…` (compose sets them). */
import { type Address, gatewayUrl, instanceNumber, nativePlacement } from '@microshop/topology';

/** Addresses, `http://host:port`. */
export interface MeshAddresses {
  /** `https://…` where it authenticates clients; `gateway-trust.ts` has what verifies its certificate. */
  readonly gateway: string;
  readonly jaeger: string;
  readonly prometheus: string;
  readonly control: string;
}

/**
 * The addresses of the mesh that the environment names: `MESH_URL_GATEWAY` (`…_GATEWAY_TLS` where that authenticates clients),
 * `…_JAEGER`, `…_PROMETHEUS` and `…_CONTROL`, else those of native mesh `MESH_INSTANCE`. Throws when a variable holds no
 * HTTP address.
 */
export function meshAddresses(env: NodeJS.ProcessEnv = process.env): MeshAddresses {
  const placement = nativePlacement({ instance: instanceNumber(env), env });
  const plain = ({ host, port }: Address) => `http://${host}:${port}`;
  const address = (name: string, otherwise: string): string => {
    const variable = `MESH_URL_${name}`;
    const given = env[variable];
    if (given === undefined || given === '') return otherwise;
    if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
      throw new Error(`${variable} must be an address like http://127.0.0.1:8080, not "${given}"`);
    }
    return given.replace(/\/$/, '');
  };
  return {
    gateway: address(placement.edgeAuth ? 'GATEWAY_TLS' : 'GATEWAY', gatewayUrl(placement)),
    jaeger: address('JAEGER', plain(placement.jaeger.query)),
    prometheus: address('PROMETHEUS', plain(placement.prometheus)),
    control: address('CONTROL', plain(placement.control)),
  };
}

/**
 * The address in that variable, `<scheme>://host:port`, else the other one. Throws when the variable holds no such address.
 */
export function serverAddress(
  env: NodeJS.ProcessEnv,
  variable: string,
  scheme: string,
  otherwise: Address,
): Address {
  const given = env[variable];
  if (given === undefined || given === '') return otherwise;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== `${scheme}:` || url.port === '') {
    throw new Error(`${variable} must be an address like ${scheme}://host:port, not "${given}"`);
  }
  return { host: url.hostname, port: Number(url.port) };
}

/** Where a server is, and whether it is asked with TLS. */
export interface ServerAddress extends Address {
  readonly tls: boolean;
}

/** The same for a server that may be asked with TLS: the variable then has the second scheme (`amqp`, `amqps`). */
export function serverAddressWithTls(
  env: NodeJS.ProcessEnv,
  variable: string,
  [plain, secure]: readonly [plain: string, secure: string],
  otherwise: Address,
): ServerAddress {
  const tls = env[variable]?.startsWith(`${secure}:`) ?? false;
  return { ...serverAddress(env, variable, tls ? secure : plain, otherwise), tls };
}
