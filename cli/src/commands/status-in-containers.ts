/**
 * `status` in a container: what answers there, what was changed, and where everything is for the person who runs the
 * containers.
 */

import { stateDirectory } from '@microshop/control/changes/store';
import { meshAddresses } from '@microshop/program-kit/addresses';
import { messageOf } from '@microshop/program-kit/errors';
import { NoAnswerError } from '@microshop/program-kit/http-json';
import { certificatesIn } from '@microshop/program-kit/run-directory';
import { containerMode, containerWords } from '@microshop/program-kit/typed-here';
import { meshUrls } from '@microshop/topology';
import { type Asked, askParts, containerPlacement, isHealthy } from '../mesh/container-parts.ts';
import { changesIn, ofRunning, readMeshReport, reportFields, reportLines } from '../mesh/mesh-report.ts';
import { asUsage, publishedUrls } from '../mesh/settings.ts';
import { trustLines, urlLines } from '../mesh/status-lines.ts';
import { columns } from '../output/columns.ts';
import { exitCodes } from '../output/errors.ts';
import { print, printJson } from '../output/output.ts';
import { styled } from '../output/style.ts';
import { readReplicas, replicaLines } from './replica-rows.ts';

/** Whether a part answers, and if not, why. */
interface Answering {
  readonly name: string;
  readonly healthy: boolean;
  /** Empty when it is healthy. */
  readonly why: string;
}

/** The same in the JSON document. */
function answeringOf(asked: Asked): Answering {
  const { name, status, error } = asked;
  const why = status === undefined ? messageOf(error) : `answers ${status}`;
  return { name, healthy: isHealthy(asked), why: isHealthy(asked) ? '' : why };
}

/** The same as a row for people, which names the part and what it does once. */
export function rowOf(asked: Asked): string[] {
  const { name, status, error } = asked;
  if (isHealthy(asked)) return [name, styled('green', 'answers'), ''];
  if (status !== undefined) return [name, styled('red', `answers ${status}`), ''];
  const why = error instanceof NoAnswerError ? error.reason : messageOf(error);
  return [name, styled('red', 'does not answer'), why];
}

/** Prints it; exit code 1 unless every part that can be asked answers. */
export async function statusOfContainers(options: { readonly json?: boolean }): Promise<void> {
  const { control, prometheus } = asUsage(() => meshAddresses());
  const mode = containerMode() ?? 'compose';
  const placement = containerPlacement();
  const [asked, lastReport, replicas] = await Promise.all([
    askParts(placement),
    readMeshReport({
      control,
      prometheus,
      changes: () => changesIn(stateDirectory(process.env)),
      isThere: () => true,
    }),
    mode === 'kubernetes' ? readReplicas(control) : undefined,
  ]);
  const parts = asked.map(answeringOf);
  // on Kubernetes an app reports under the name of its pod: that of its service, and what the cluster adds
  const isOf = (name: string, part: string) =>
    name === part || (mode === 'kubernetes' && part.startsWith(`${name}-`));
  const report = ofRunning(lastReport, (part) =>
    parts.some(({ name, healthy: runs }) => runs && isOf(name, part)),
  );
  const healthy = parts.every((part) => part.healthy);
  if (!healthy) process.exitCode = exitCodes.failed;
  // on Kubernetes no port is published: these are the names inside the cluster
  const { grafana, ...others } = mode === 'compose' ? publishedUrls() : meshUrls(placement);
  const withGrafana = grafana !== undefined && parts.some(({ name }) => name === 'grafana');
  const urls = withGrafana ? { ...others, grafana } : others;
  if (options.json === true) {
    return printJson({ mode, healthy, parts, replicas, urls, ...reportFields(report) });
  }
  const count = `${parts.filter((part) => part.healthy).length} of ${parts.length} parts answer`;
  print(
    `The mesh in containers: ${healthy ? styled('green', count) : styled('red', count)}`,
    `${containerWords[mode].list} shows every container, also those that cannot be asked from here`,
    '',
    ...columns(['part', 'asked now', ''], asked.map(rowOf)),
    ...replicaLines(replicas ?? []),
    ...reportLines(report),
    '',
    ...urlLines(urls),
    ...trustLines(urls, certificatesIn()),
  );
}
