/** What is wrong with the parts of a native mesh now. */
import { partsWithoutTools } from '@microshop/native/supervision/mesh';
import { PartActionError, type SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import type { Placement } from '@microshop/topology';

/**
 * Names of the parts that are not healthy, by their runner; and of those that a fault has put into a state which hurts, as one of
 * a command that was killed: such a part may well be healthy.
 */
export async function unwellParts(
  client: Pick<SupervisorClient, 'status' | 'impaired'>,
  placement: Placement,
): Promise<string[]> {
  const { parts = [] } = (await client.status()) ?? {};
  const unhealthy = parts.filter(({ healthy }) => !healthy).map(({ name }) => name);
  const healthy = partsWithoutTools(placement).filter(
    ({ name, impairments }) =>
      impairments !== undefined && parts.some((part) => part.name === name && part.healthy),
  );
  const impaired = await Promise.all(
    healthy.map(async ({ name }) =>
      (await isImpaired(client, name)) ? [`${name} (in the state of a fault)`] : [],
    ),
  );
  return [...unhealthy, ...impaired.flat()];
}

/** A server that cannot say so is in no state to begin with. */
async function isImpaired(client: Pick<SupervisorClient, 'impaired'>, part: string): Promise<boolean> {
  try {
    return (await client.impaired(part)) !== undefined;
  } catch (error) {
    if (error instanceof PartActionError) return true;
    throw error;
  }
}
