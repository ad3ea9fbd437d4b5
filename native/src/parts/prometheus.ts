/** Prometheus: scrapes the collector, the Envoys and the broker; k6 writes to it. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { prometheusConfig, prometheusRules, rulesFile } from '@microshop/observability';
import type { Part } from '../supervision/part.ts';
import { hostPort } from './bound-ports.ts';
import { baseEnvironment, configDirectory, dataDirectory, type MeshContext } from './context.ts';
import { answersOk } from './http.ts';

/** The part `prometheus`. Bounded: two hours, half a gigabyte. */
export function prometheusPart(mesh: MeshContext): Part {
  const address = mesh.placement.prometheus;
  const data = dataDirectory(mesh, 'prometheus');
  const file = path.join(configDirectory(mesh), 'prometheus.yaml');
  return {
    name: 'prometheus',
    kind: 'server',
    dependsOn: [],
    ports: [hostPort(address, 'prometheus')],
    prepare: async () => {
      await mesh.tool('prometheus');
      await mkdir(data, { recursive: true });
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, prometheusConfig(mesh.placement));
      await writeFile(path.join(path.dirname(file), rulesFile), prometheusRules());
    },
    process: async () => ({
      file: (await mesh.tool('prometheus')).path,
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=2h',
        '--storage.tsdb.retention.size=512MB',
        `--web.listen-address=${address.host}:${address.port}`,
        // k6 reports through it
        '--web.enable-remote-write-receiver',
        // from a latency to a trace: exemplars are dropped without it
        '--enable-feature=exemplar-storage',
      ],
      env: baseEnvironment(mesh),
      cwd: data,
    }),
    healthy: (signal) => answersOk(address, '/-/ready', signal),
    stopTimeoutMs: 10_000,
  };
}
