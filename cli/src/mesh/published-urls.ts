/** Where a mesh in containers is for whoever runs them; a wrong variable is wrong usage. */
import { portOf, publishedUrls as readPublishedUrls } from '@microshop/topology';
import { asUsage } from './settings.ts';

/** Addresses by what they are. Throws `UsageError` for a port that is none. */
export function publishedUrls(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return asUsage(() => readPublishedUrls(env));
}

/** Jaeger's page of a trace, for a browser on the host. */
export function jaegerPage(traceId: string, env: NodeJS.ProcessEnv = process.env): string {
  return `http://127.0.0.1:${asUsage(() => portOf('jaeger', 1, env))}/trace/${traceId}`;
}
