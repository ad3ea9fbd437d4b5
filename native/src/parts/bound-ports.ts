/** Naming the ports of parts, so that a port in use can be reported with what it is for and how to move it. */
import { type Address, type PortName, portVariable } from '@microshop/topology';
import type { BoundPort } from '../supervision/part.ts';

/** A port of the host side; its variable moves it. */
export function hostPort(address: Address, name: PortName, purpose: string = name): BoundPort {
  return { ...address, purpose: `${purpose} (${portVariable(name)})` };
}

/** A port inside a pod; `MESH_INSTANCE` moves the pod's address. */
export function podPort(host: string, port: number, purpose: string): BoundPort {
  return { host, port, purpose: `${purpose} (MESH_INSTANCE moves ${host})` };
}
