/**
 * An installation for tests that leave it as they found it: the first file that needs it makes it, without volumes, and it is gone
 * with the cluster.
 */
import { clusterVariables } from '../runner/cluster-under-test.ts';
import { findHelm, findHelm4 } from './helm.ts';
import { chosen, prepareNamespace, type Release, releaseBy, stores } from './release.ts';

/** Time an installation, or a rolling update, may take beside other work on two cores. */
const readyLimit = '8m';

const { [clusterVariables.volumes]: volumes, [clusterVariables.none]: none } = process.env;

/** Why there is no cluster; `false` where there is one. */
export const noCluster =
  volumes === undefined ? (none ?? './mesh test kubernetes brings up a cluster for it') : false;

/** The release with those further arguments of Helm, installed and ready, by Helm 4; installed or changed now where it is not so. */
export async function installed(...further: readonly string[]): Promise<Release> {
  const helm = (await findHelm4()) ?? (await findHelm());
  if (helm === undefined) throw new Error('There is neither Helm nor a Go that builds it');
  const release = releaseBy(helm);
  await prepareNamespace();
  const withoutVolumes = stores.flatMap((name) => ['--set', `${name}.volume.enabled=false`]);
  const values = [...chosen, ...withoutVolumes, ...further];
  await release.helm('upgrade', '--install', ...values, '--wait', '--timeout', readyLimit);
  return release;
}

/** Has the pods of these Deployments replaced, and waits until the old ones are gone. */
export async function replaced(release: Release, names: readonly string[]): Promise<void> {
  const deployments = names.map((name) => `deployment/${name}`);
  await release.kubectl('rollout', 'restart', ...deployments);
  await rolledOut(release, names);
}

/** Waits until these Deployments have the pods they should have, and no others. */
export async function rolledOut(release: Release, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await release.kubectl('rollout', 'status', `deployment/${name}`, `--timeout=${readyLimit}`);
    const leaving = (await podsOf(release, name)).filter((pod) => pod.leaves).map((pod) => `pod/${pod.name}`);
    if (leaving.length > 0) {
      await release.kubectl('wait', '--for=delete', ...leaving, `--timeout=${readyLimit}`);
    }
  }
}

/** A pod. */
export interface RunningPod {
  readonly name: string;
  /** It was told to end. */
  readonly leaves: boolean;
}

/** The pods of these parts. */
export async function podsOf(release: Release, ...names: readonly string[]): Promise<readonly RunningPod[]> {
  const row = '{range .items[*]}{.metadata.name} {.metadata.deletionTimestamp}{"\\n"}{end}';
  const rows = await release.kubectl(
    'get',
    'pods',
    '--selector',
    `app.kubernetes.io/name in (${names.join()})`,
    '--output',
    `jsonpath=${row}`,
  );
  return rows
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [pod = '', deletion = ''] = line.split(' ');
      return { name: pod, leaves: deletion !== '' };
    });
}
