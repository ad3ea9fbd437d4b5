/**
 * Writes `docs/metrics.md` from what the Prometheus of a running mesh says: `npm run metrics-page -w @microshop/lab`.
 * There must have been a run of k6, and an order that failed for the labels that only failures have (CONTRIBUTING.md).
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exitCodes, UsageError } from '../cli/errors.ts';
import { print, progress } from '../cli/output.ts';
import { runningMesh, toldOf } from '../cli/running-mesh.ts';
import { repositoryRoot } from '../runner/run-directory.ts';
import { metricsPage } from './page.ts';
import { readFamilies } from './prometheus.ts';
import { usedMetrics } from './used.ts';

/** The page. */
const file = path.join(repositoryRoot, 'docs/metrics.md');

try {
  const { prometheus } = await runningMesh();
  await writeFile(file, metricsPage(await readFamilies(prometheus), usedMetrics()));
  print(file);
} catch (error) {
  progress(`metrics-page: ${await toldOf(error)}`);
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}
