/** Where a mesh in containers is for whoever runs them: published ports, which move with `MESH_PORT_…`. */
import { nativePlacement, portOf } from '@microshop/topology';
import { meshUrls } from '../runner/urls.ts';
import { asUsage } from './settings.ts';

/** Addresses by what they are. In containers the mesh stands where mesh 1 would. Throws `UsageError` for a port that is none. */
export function publishedUrls(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return asUsage(() => ({
    ...meshUrls(nativePlacement({ instance: 1, env })),
    grafana: `http://127.0.0.1:${portOf('grafana', 1, env)}`,
  }));
}

/** Jaeger's page of a trace, for a browser on the host. */
export function jaegerPage(traceId: string, env: NodeJS.ProcessEnv = process.env): string {
  return `http://127.0.0.1:${asUsage(() => portOf('jaeger', 1, env))}/trace/${traceId}`;
}

/** What somebody who watches the containers start is told when an order can be placed. */
export function readyLines(urls: Readonly<Record<string, string>>): string[] {
  return [
    `The mesh is ready. Shop ${urls['gateway']}/api/products, traces ${urls['jaeger']}, metrics ${urls['prometheus']}`,
    'Place an order: ./mesh order. All addresses: ./mesh status',
  ];
}
