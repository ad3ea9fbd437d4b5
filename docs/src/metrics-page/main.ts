/**
 * Writes `docs/reference/metrics.md` from what the Prometheus of a running mesh says: `npm run metrics-page -w @microshop/docs`.
 * There must have been a run of k6, and an order that failed for the labels that only failures have (CONTRIBUTING.md).
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { explanationOf, runningMesh } from '@microshop/cli/mesh/running-mesh';
import { exitCodes, UsageError } from '@microshop/cli/output/errors';
import { print, progress } from '@microshop/cli/output/output';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { metricsPage } from './page.ts';
import { readFamilies } from './prometheus.ts';
import { usedMetrics } from './used.ts';

/** The page. */
const file = path.join(repositoryRoot, 'docs/reference/metrics.md');

try {
  const { prometheus } = await runningMesh();
  await writeFile(file, metricsPage(await readFamilies(prometheus), usedMetrics()));
  print(file);
} catch (error) {
  progress(`metrics-page: ${await explanationOf(error)}`);
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}
