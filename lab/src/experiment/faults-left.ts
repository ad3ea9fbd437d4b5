/** Faults of calls that sidecars still report, by their own word: the book of the control service may say otherwise. */
import { faultKeysOf } from '@microshop/control/changes/in-force';
import type { Placement } from '@microshop/topology';

/** Names of the sidecars that report one. A sidecar that does not answer has none that is known. */
export async function faultsLeft({ pods }: Placement): Promise<string[]> {
  const asked = pods.map(async ({ sidecar, admin }) => {
    const keys = await faultKeysOf({ part: sidecar, admin });
    return Object.keys(keys ?? {}).length > 0 ? [sidecar] : [];
  });
  return (await Promise.all(asked)).flat();
}
