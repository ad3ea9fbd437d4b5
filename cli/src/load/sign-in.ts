/** The token that load shows to a gateway that authenticates clients. */
import type { MeshAddresses } from '@microshop/program-kit/addresses';
import { asksClients } from '../mesh/asks-clients.ts';
import { controlClient } from '../mesh/control-client.ts';

/**
 * A token of who runs the mesh, which may order for every user; `undefined` where the gateway authenticates nobody, or does not answer. It
 * ends after a while (`tokens.lifetimeSeconds` of the topology): a run may take that long.
 */
export async function loadToken({ gateway, control }: MeshAddresses): Promise<string | undefined> {
  return (await asksClients(gateway)) === true ? await controlClient(control).operatorToken() : undefined;
}
