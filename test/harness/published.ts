/** Addresses on the host side: the same names and variables in both modes. */
import { gatewayUrl, nativePlacement, type PortName, portOf } from '@microshop/topology';
import type { Mesh } from './driver.ts';

const adminPorts: Readonly<Record<string, PortName>> = {
  gateway: 'gateway_admin',
  users: 'users_admin',
  products: 'products_admin',
  orders: 'orders_admin',
};

/** Addresses of mesh `instance`, by its ports and `MESH_PORT_…`. */
export function publishedAddresses(
  instance: number,
): Pick<
  Mesh,
  'gateway' | 'jaeger' | 'control' | 'prometheus' | 'amqp' | 'brokerManagement' | 'redis' | 'admin'
> {
  const url = (port: PortName) => `http://127.0.0.1:${portOf(port, instance)}`;
  return {
    gateway: gatewayUrl(nativePlacement({ instance })),
    jaeger: url('jaeger'),
    control: url('control'),
    prometheus: url('prometheus'),
    amqp: `amqp://127.0.0.1:${portOf('rabbitmq', instance)}`,
    redis: { host: '127.0.0.1', port: portOf('redis', instance) },
    brokerManagement: url('rabbitmq_management'),
    admin(of) {
      const name = adminPorts[of];
      if (name === undefined) throw new Error(`There is no Envoy called ${of}`);
      return url(name);
    },
  };
}
