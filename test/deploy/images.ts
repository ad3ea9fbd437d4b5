/** Images: each with a whole version. */
import type { ComposeFile } from './compose-file.ts';

/** What is wrong with the images; empty when nothing is. */
export function imageProblems({ services }: ComposeFile): string[] {
  return Object.entries(services).flatMap(([service, { image, build }]) => {
    // ours are named after the project: two projects on one engine do not share them
    if (/^\$\{COMPOSE_PROJECT_NAME:-microshop\}\/[a-z-]+$/.test(image)) return [];
    if (build !== undefined) return [`${service}: the image we build is called ${image}`];
    const [, tag] = /^[a-z0-9/]+:v?([\w.-]+)(?:@sha256:[0-9a-f]{64})?$/.exec(image) ?? [];
    const pinned = tag !== undefined && /^\d+\.\d+/.test(tag);
    return pinned ? [] : [`${service}: ${image} is not pinned by a version`];
  });
}

/** What is wrong with the Dockerfile; empty when nothing is. */
export function dockerfileProblems(dockerfile: string): string[] {
  // it would be fetched from a registry before anything else
  return /^#\s*syntax=/m.test(dockerfile) ? ['the Dockerfile has a # syntax= line'] : [];
}
