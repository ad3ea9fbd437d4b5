/** Commands as they are typed where the mesh runs. */
import { typedForContainers } from '@microshop/program-kit/typed-here';
import type { RunMode } from '@microshop/topology';

/** Where that is. */
interface Place {
  readonly mode: RunMode;
  /** Number of the mesh. */
  readonly instance: number;
}

/**
 * The whole command; `words` are what follows `./mesh`. In containers it is the one that does the same there. Until the place is
 * known, it is the first mesh.
 */
export function typed(words: string, { mode, instance }: Place = { mode: 'native', instance: 1 }): string {
  if (mode !== 'native') return typedForContainers(`./mesh ${words}`, mode);
  return `${instance === 1 ? '' : `MESH_INSTANCE=${instance} `}./mesh ${words}`;
}
