/** The bootstraps that compose mounts. They are committed, so that compose needs no Node; `npm run generate` writes them. */
import { composePlacement } from '@microshop/topology';
import { splitConfigs, toYaml } from './write.ts';

/** Texts by file of the checkout. */
export function composeFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(splitConfigs(composePlacement())).map(([part, { bootstrap }]) => [
      `envoy/generated/compose/${part}.yaml`,
      toYaml(bootstrap),
    ]),
  );
}
