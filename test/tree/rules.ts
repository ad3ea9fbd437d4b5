/** Which folder may import which: the tree reads from the bottom up, and nothing imports upward or in a circle. */
import path from 'node:path';
import { cruise, type IFlattenedRuleSet, type IViolation } from 'dependency-cruiser';

/** The folders, from what imports nothing of ours to what may import everything but the services. */
export const layers: readonly string[] = [
  'packages/topology',
  'packages/program-kit',
  'packages/database',
  'packages/mesh-client',
  'packages/events',
  'packages/telemetry',
  'packages/service-kit',
  'services',
  'envoy',
  'observability',
  'grafana',
  'deploy',
  'control',
  'console',
  'native',
  'cli',
  'lab',
  'docs',
  'test',
];

const within = (folders: readonly string[]): string => `^(${folders.join('|')})/`;

/** The rules. A type that is imported counts like a value: who reads the file needs the other one to understand it. */
const ruleSet: IFlattenedRuleSet = {
  forbidden: [
    { name: 'no cycle', severity: 'error', from: {}, to: { circular: true } },
    // a name that leads nowhere would be an edge that goes unnoticed
    { name: 'nothing unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...layers.slice(0, -1).map((layer, index) => ({
      name: `${layer} imports nothing above it`,
      severity: 'error' as const,
      from: { path: within([layer]) },
      to: { path: within(layers.slice(index + 1)) },
    })),
    {
      name: 'only tests import a service',
      severity: 'error',
      from: { path: within(layers), pathNot: within(['services', 'test']) },
      to: { path: within(['services']) },
    },
    {
      name: 'a service imports no other',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
  ],
};

/** What an examination found. */
export interface Tree {
  readonly modules: number;
  /** Imports of types alone; without them an upward one could hide. */
  readonly typeImports: number;
  /** A sentence for each import that is against the rules, or for each circle. */
  readonly problems: readonly string[];
}

/** Examines the folders of the tree that there are at `root`, absolute. */
export async function examine(root: string, folders: readonly string[] = layers): Promise<Tree> {
  const { output } = await cruise(
    [...folders],
    {
      baseDir: root,
      ruleSet,
      validate: true,
      // TypeScript 7 has no API for programs: swc reads the imports, those of types among them
      parser: 'swc',
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      // what the page is built to is nobody's source
      exclude: { path: ['node_modules', '/template/', '^console/dist[^/]*/'] },
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['import', 'node', 'default', 'types'],
      },
    },
    { extensions: ['.ts', '.tsx', '.js', '.json', '.css'] },
  );
  if (typeof output === 'string') throw new Error(output);
  const { modules, summary } = output;
  const imports = modules.flatMap(({ dependencies }) => dependencies);
  return {
    modules: modules.filter(({ source }) => /\.tsx?$/.test(source)).length,
    typeImports: imports.filter(({ dependencyTypes }) => dependencyTypes.includes('type-only')).length,
    problems: summary.violations.map(sentence),
  };
}

function sentence({ rule, from, to, cycle }: IViolation): string {
  const way = cycle === undefined ? [to] : cycle.map(({ name }) => name);
  return `${rule.name}: ${[from, ...way].map((file) => path.posix.normalize(file)).join(' -> ')}`;
}
