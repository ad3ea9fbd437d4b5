/** `./mesh up`: everything started, healthy, and where it is. */
import { edgeAuthVariable, parseReplicas, type Replicas } from '@microshop/topology';
import type { Command } from 'commander';
import { UsageError } from '../output/errors.ts';

/** `orders=2,users=3` and repeated options, as counts. Throws `UsageError`. */
export function collectReplicas(text: string, before: Replicas = {}): Replicas {
  const entries = text.split(',').map((pair) => {
    const [, name, count] = /^([^=]+)=(\d+)$/.exec(pair.trim()) ?? [];
    if (name === undefined) throw new UsageError(`--replicas takes <service>=<number>, not "${pair}"`);
    return [name, Number(count)];
  });
  return { ...before, ...parseReplicas(Object.fromEntries(entries)) };
}

interface UpOptions {
  readonly detach?: boolean;
  readonly replicas?: Replicas;
  readonly edgeAuth?: boolean;
}

/** Adds the command to the program. */
export function registerUp(program: Command): void {
  program
    .command('up')
    .description('install what is missing, start everything in dependency order, and print the addresses')
    .option('--detach', 'return when an order can be placed; the mesh keeps running in the background')
    .option('--replicas <service=n>', 'replicas of a service; can be repeated', collectReplicas)
    .option('--edge-auth', 'the gateway authenticates clients, over HTTPS, and authorizes each operation')
    .addHelpText(
      'after',
      `\nEnvironment:\n  MESH_INSTANCE=2       a second mesh beside the first (1 to 9), with data and ports of its own\n  MESH_PORT_GATEWAY=…   another port; likewise for every address that up prints\n  MESH_KEEP_TRACES=1    keep traces on disk, across restarts (docs/observability.md has the cost)\n  MESH_EDGE_AUTH=1      as --edge-auth; docs/security.md has how to show a certificate of your own\n  MESH_CORS_ORIGINS=…   origins whose pages may call the shop from a browser (docs/security.md)\n\nExample:\n  ./mesh up --detach --replicas orders=2`,
    )
    .action(async ({ edgeAuth, ...options }: UpOptions) => {
      // every process of the mesh reads the variable
      if (edgeAuth === true) process.env[edgeAuthVariable] = '1';
      // imported here: it loads everything that a mesh is made of
      const { bringUp } = await import('../mesh/bring-up.ts');
      await bringUp(options);
    });
}
