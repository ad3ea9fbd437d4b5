/**
 * Writes the files that compose mounts: `node observability/src/generate-compose.ts`. They are committed, so that
 * compose needs no Node; a test holds them against what this would write.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composePlacement } from '@microshop/topology';
import { jaegerConfig } from './jaeger.ts';
import { prometheusConfig } from './prometheus.ts';
import { prometheusRules, rulesFile } from './rules/index.ts';

/** Committed files and their contents. */
export function composeFiles(): ReadonlyMap<string, string> {
  const placement = composePlacement();
  const file = (name: string): string =>
    fileURLToPath(new URL(`../generated/compose/${name}`, import.meta.url));
  return new Map([
    [file('jaeger.yaml'), jaegerConfig(placement)],
    // deploy/compose-keep-traces.yaml mounts this one, and a volume for what it keeps
    [file('jaeger-on-disk.yaml'), jaegerConfig(placement, { directory: '/tmp/traces' })],
    [file('prometheus.yaml'), prometheusConfig(placement)],
    [file(rulesFile), prometheusRules()],
  ]);
}

if (import.meta.main) {
  for (const [path, text] of composeFiles()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    process.stdout.write(`${path}\n`);
  }
}
