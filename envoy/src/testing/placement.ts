/** Addresses for servers a test starts: a loopback address per process, so tests meet neither each other nor a mesh. */
import { nativePlacement, type Placement, type ServiceName } from '@microshop/topology';

/** A native placement whose parts are all in 127.x.y.0/24 with x from 128 up, chosen by this process's id. */
export function testPlacement(replicas: Partial<Record<ServiceName, number>> = {}): Placement {
  const native = nativePlacement({ instance: 1, replicas, env: {} });
  const network = `127.${128 + (Math.floor(process.pid / 250) % 120)}.${process.pid % 250}`;
  const host = `${network}.1`;
  const { gateway, jaeger } = native;
  return {
    ...native,
    pods: native.pods.map((pod) => {
      const address = `${network}.${pod.inboundBind.split('.').at(-1)}`;
      return {
        ...pod,
        inbound: { ...pod.inbound, host: address },
        inboundBind: address,
        localBind: address,
        admin: { ...pod.admin, host: address },
        adminBind: address,
      };
    }),
    gateway: {
      listen: { ...gateway.listen, host },
      address: { ...gateway.address, host },
      tls: {
        ...gateway.tls,
        listen: { ...gateway.tls.listen, host },
        address: { ...gateway.tls.address, host },
        names: [...gateway.tls.names, host],
      },
      admin: { ...gateway.admin, host },
      adminBind: host,
    },
    jaeger: {
      ...jaeger,
      bind: host,
      query: { ...jaeger.query, host },
      otlpGrpc: { ...jaeger.otlpGrpc, host },
      health: { ...jaeger.health, host },
    },
  };
}
