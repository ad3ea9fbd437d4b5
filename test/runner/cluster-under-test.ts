/** A cluster of the tests' own, with the images of the chart in it; nothing of it stays. */
import { messageOf } from '@microshop/program-kit/errors';
import { findHelm } from '../kubernetes/helm.ts';
import { builtLab, type Cluster, startCluster } from './cluster.ts';
import { saveImages } from './cluster-images.ts';
import { within } from './compose-under-test.ts';
import { single, sum, type Totals } from './totals.ts';

/** What a test of the cluster reads: where it may make volumes, or why there is no cluster. */
export const clusterVariables = { volumes: 'MESH_TEST_VOLUMES', none: 'MESH_TEST_NO_CLUSTER' } as const;

const seconds = (from: number) => ((performance.now() - from) / 1000).toFixed(1);

/** A cluster with the images, or why there is none. Throws when something is there and does not work. */
async function prepared(): Promise<Cluster | string> {
  const lab = await builtLab();
  if (typeof lab === 'string') return lab;
  const began = performance.now();
  const archive = await saveImages();
  if (typeof archive === 'string') return archive;
  try {
    const saved = performance.now();
    const cluster = await startCluster(lab);
    try {
      const up = performance.now();
      await cluster.importImages(archive.file);
      const took = ((saved - began) / 1000).toFixed(1);
      process.stdout.write(
        `images built and saved in ${took} s, the cluster up in ${((up - saved) / 1000).toFixed(1)} s, images there in ${seconds(up)} s\n`,
      );
      return cluster;
    } catch (error) {
      await cluster.down();
      throw error;
    }
  } finally {
    await archive.remove();
  }
}

/**
 * Runs the work with a cluster; without one a variable says why, and what needs it is skipped. `beside` runs while the cluster is
 * made, which takes a minute and mostly waits.
 */
export async function onCluster(beside: () => Promise<Totals>, work: () => Promise<Totals>): Promise<Totals> {
  // built here, since a file of tests has less time than that may take
  await findHelm();
  const [meanwhile, cluster] = await Promise.all([
    beside(),
    prepared().catch((error: unknown) => ({ failed: messageOf(error) })),
  ]);
  if (typeof cluster === 'string') {
    return sum([meanwhile, await within({ [clusterVariables.none]: cluster }, work)]);
  }
  if ('failed' in cluster) {
    process.stdout.write(`No cluster: ${cluster.failed}\n`);
    return sum([meanwhile, single(false)]);
  }
  try {
    const variables = { ...cluster.env, [clusterVariables.volumes]: cluster.volumes };
    return sum([meanwhile, await within(variables, work)]);
  } finally {
    await cluster.down();
  }
}
