/**
 * An installation for tests that leave it as they found it: the first file that needs it makes it, without volumes, and it is gone
 * with the cluster.
 */
import { clusterVariables } from '../runner/cluster-under-test.ts';
import { findHelm } from './helm.ts';
import { chosen, prepareNamespace, type Release, releaseBy, stores } from './release.ts';

/** Time an installation may take beside other work on two cores. */
const readyLimit = '8m';

const helm = await findHelm();
const { [clusterVariables.volumes]: volumes, [clusterVariables.none]: none } = process.env;

/** Why there is no cluster; `false` where there is one. */
export const noCluster =
  volumes === undefined ? (none ?? './mesh test kubernetes brings up a cluster for it') : false;

/** The release, installed and ready; installed now where it is not. */
export async function installed(): Promise<Release> {
  if (helm === undefined) throw new Error('There is neither Helm nor a Go that builds it');
  const release = releaseBy(helm);
  await prepareNamespace();
  const withoutVolumes = stores.flatMap((name) => ['--set', `${name}.volume.enabled=false`]);
  await release.helm('upgrade', '--install', ...chosen, ...withoutVolumes, '--wait', '--timeout', readyLimit);
  return release;
}

/** Names of the pods of a part. */
export async function podsOf(release: Release, name: string): Promise<readonly string[]> {
  const selector = `app.kubernetes.io/name=${name}`;
  const rows = await release.kubectl('get', 'pods', '--selector', selector, '--output', 'name');
  return rows.split('\n').map((row) => row.replace(/^pod\//, ''));
}
