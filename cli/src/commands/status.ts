/** `./mesh status`: shows what runs. */

import type { Part } from '@microshop/native/supervision/part';
import { residentBytesOf } from '@microshop/native/supervision/proc';
import type { LeftPart } from '@microshop/native/supervision/state-file';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { inContainers, namedCluster } from '@microshop/program-kit/typed-here';
import type { Command } from 'commander';
import {
  changesIn,
  ofRunning,
  readMeshReport,
  reportFields,
  reportLines,
  secondsText,
} from '../mesh/mesh-report.ts';
import { notRunningHere } from '../mesh/running-mesh.ts';
import { type MeshSettings, meshSettings } from '../mesh/settings.ts';
import { laterLines, makingText, trustLines, urlLines, verdictLine } from '../mesh/status-lines.ts';
import { columns } from '../output/columns.ts';
import { exitCodes } from '../output/errors.ts';
import { print, printJson, wrapped } from '../output/output.ts';
import { styled } from '../output/style.ts';
import { changeLines, keptHead } from '../text/changes.ts';
import { statusOfContainers } from './status-in-containers.ts';

/**
 * The status of a mesh that no supervisor runs: down, or lost with the parts that a killed one left. Nothing watches those, so
 * their health is unknown. `parts` are all parts of the mesh, for their kinds.
 */
export function unsupervisedStatus(
  instance: number,
  left: readonly LeftPart[],
  parts: readonly Pick<Part, 'name' | 'kind'>[],
): MeshStatus {
  const unknown = { restarts: 0, uptime_s: null, last_exit: null, making: null };
  return {
    instance,
    running: false,
    state: left.length === 0 ? 'down' : 'lost',
    healthy: false,
    supervisor_pid: null,
    replicas: {},
    urls: {},
    parts: left.map(({ name, pid }) => ({
      ...unknown,
      name,
      // a replica has the kind of its first one
      kind: parts.find((one) => one.name === name.replace(/-\d+$/, ''))?.kind ?? 'server',
      state: 'running',
      healthy: false,
      pid,
      rss_bytes: pid === null ? null : (residentBytesOf(pid) ?? null),
    })),
  };
}

async function withoutSupervisor({ instance, client, placement }: MeshSettings): Promise<MeshStatus> {
  // imported here: the parts load the clients of every server
  const { partsWithoutTools } = await import('@microshop/native/supervision/mesh');
  return unsupervisedStatus(instance, client.left(), partsWithoutTools(placement()));
}

function health(part: MeshStatus['parts'][number]): string {
  if (part.healthy) return styled('green', 'healthy');
  if (part.making !== null) return styled('yellow', makingText({ ...part.making, seconds_left: null }));
  if (part.state === 'running') return styled('red', 'not healthy');
  return part.state === 'stopped' ? styled('yellow', 'stopped') : styled('red', part.state);
}

function partRows(status: MeshStatus): string[][] {
  return status.parts.map((part) => [
    part.name,
    part.kind,
    health(part),
    part.pid === null ? '' : String(part.pid),
    String(part.restarts),
    part.rss_bytes === null ? '' : `${(part.rss_bytes / 2 ** 20).toFixed(0)} MiB`,
    secondsText(part.uptime_s),
    part.last_exit ?? '',
  ]);
}

/** Adds the command to the program. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show every part and its health; exit code 1 unless all are healthy')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh status --json')
    .action(async (options: { json?: boolean }) => {
      if (inContainers()) return await statusOfContainers(options);
      if (namedCluster() !== undefined) {
        // imported on demand: other commands do not need the Kubernetes client
        const { statusOfCluster } = await import('./status-in-cluster.ts');
        return await statusOfCluster(options);
      }
      const settings = meshSettings();
      const { client, directory } = settings;
      const status = (await client.status()) ?? (await withoutSupervisor(settings));
      if (!status.healthy) process.exitCode = exitCodes.failed;
      const lastReport = await readMeshReport({
        control: status.urls['control'],
        prometheus: status.urls['prometheus'],
        changes: () => changesIn(directory.changes),
        isThere: (part) => status.parts.some(({ name }) => name === part),
      });
      const report = ofRunning(lastReport, (part) =>
        status.parts.some(({ name, state }) => name === part && state === 'running'),
      );
      if (options.json === true) return printJson({ ...status, ...reportFields(report) });
      if (!status.running) {
        print(
          ...wrapped((await notRunningHere(settings)).message).split('\n'),
          ...changeLines(keptHead, report.changes),
        );
        return;
      }
      const head = ['part', 'kind', 'health', 'pid', 'restarts', 'memory', 'up for', 'last end'];
      const table = columns(head, partRows(status), ['pid', 'restarts', 'memory', 'up for']);
      print(
        verdictLine(status),
        ...laterLines(status),
        '',
        ...table,
        ...reportLines(report),
        '',
        ...urlLines(status.urls),
        ...trustLines(status.urls, directory.certificates),
      );
    });
}
