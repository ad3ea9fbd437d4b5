/**
 * Jaeger's and Prometheus' files that compose mounts. They are committed, so that compose needs no Node; `npm run generate`
 * writes them.
 */
import { composePlacement } from '@microshop/topology';
import { jaegerConfig } from './jaeger.ts';
import { prometheusConfig } from './prometheus.ts';
import { prometheusRules, rulesFile } from './rules/index.ts';

/** Texts by file of the checkout. */
export function composeFiles(): ReadonlyMap<string, string> {
  const placement = composePlacement();
  const file = (name: string): string => `observability/generated/compose/${name}`;
  return new Map([
    [file('jaeger.yaml'), jaegerConfig(placement)],
    // deploy/compose-keep-traces.yaml mounts this one, and a volume for what it keeps
    [file('jaeger-on-disk.yaml'), jaegerConfig(placement, { directory: '/tmp/traces' })],
    [file('prometheus.yaml'), prometheusConfig(placement)],
    [file(rulesFile), prometheusRules()],
  ]);
}
