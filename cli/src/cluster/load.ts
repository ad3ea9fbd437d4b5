/**
 * A k6 scenario as a Job beside the shop: a way from this machine would end with the pod that it leads to, and would measure
 * itself. The image is the one of the control service, which has k6 and the scenarios; nothing else is pulled.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchV1Api, V1Container, V1Job, V1Pod } from '@kubernetes/client-node';
import { runStamp } from '@microshop/program-kit/run-directory';
import { progressLines } from '../load/scenario.ts';
import { CommandFailed, exitCodes, ProvedNothing } from '../output/errors.ts';
import { passOn, printJson, progress } from '../output/output.ts';
import type { Connection } from './connection.ts';
import { clusterError, kubectl } from './errors.ts';
import { linesOf } from './logs.ts';
import { clusterMesh } from './mesh.ts';
import { nobodyOf, podsIn } from './shop.ts';

/** What to run. */
export interface ClusterLoad {
  readonly scenario: string;
  /** Orders per second. */
  readonly rate: number | undefined;
  /** Length of what is measured, whole seconds. */
  readonly seconds: number | undefined;
  /** Whether the summary is printed as a document, in place of the text. */
  readonly json: boolean;
}

/** Settings of a scenario (docs/load.md) that go with it. */
const settings = [
  ...['P95_MS', 'P99_MS', 'FOLLOW', 'PRODUCTS', 'REPEATS', 'REPEAT_AFTER_MS', 'STOCK', 'VUS'],
] as const;

/** Name of the container, and of the part in its labels. */
const name = 'load';

/** The line behind which the result of a run stands: the log of a pod does not keep the two outputs of a program apart. */
const mark = '--- result';

/** Where a run leaves what it leaves; it goes with the pod. */
const reports = '/tmp/report';

/** What it prints at its end. */
const said = '/tmp/said';

/** Pause between two polls of the pod, milliseconds. */
const pollEveryMs = 500;

/** Time a pod has to start, milliseconds: its image is on the nodes of the shop already. */
const startLimitMs = 60_000;

/** How long the cluster keeps a run that has ended, seconds, so that it can be looked at. */
const keptSeconds = 3600;

/** What is taken from the pod of the control service. */
type Model = Pick<V1Container, 'image' | 'imagePullPolicy'> &
  Pick<NonNullable<V1Pod['spec']>, 'imagePullSecrets'>;

async function modelIn(connection: Connection): Promise<Model> {
  const pods = await podsIn(connection, 'control');
  const pod = pods.find(({ ending }) => !ending);
  if (pod === undefined) throw nobodyOf('control', pods, connection);
  try {
    const { spec } = await connection.core.readNamespacedPod({
      name: pod.name,
      namespace: connection.namespace,
    });
    const container = spec?.containers.find((one) => one.name === 'control');
    if (container?.image === undefined) throw new CommandFailed(`${pod.name} has no container "control"`);
    const { image, imagePullPolicy } = container;
    return {
      image,
      ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
      ...(spec?.imagePullSecrets === undefined ? {} : { imagePullSecrets: spec.imagePullSecrets }),
    };
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw clusterError(error, 'get pods', connection);
  }
}

/** The Job of a run; Pod Security "restricted" holds for it as for the shop. */
export function loadJob(
  { scenario, rate, seconds, json }: ClusterLoad,
  { imagePullSecrets, ...container }: Model,
  env: NodeJS.ProcessEnv = process.env,
): V1Job {
  const args = [
    scenario,
    ...(rate === undefined ? [] : ['--rate', String(rate)]),
    ...(seconds === undefined ? [] : ['--duration', `${seconds}s`]),
  ];
  const run = ['sh', 'load-tests/run.sh'];
  const result = json ? `${reports}/summary.json` : said;
  const thenResult = `"$0" "$@" >${said}; code=$?; echo; echo '${mark}'; cat ${result} 2>/dev/null; exit $code`;
  const given = settings.flatMap((key) => {
    const value = env[key];
    return value === undefined ? [] : [{ name: key, value }];
  });
  return {
    metadata: { name: `${name}-${runStamp().toLowerCase()}`, labels: { 'app.kubernetes.io/name': name } },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: keptSeconds,
      template: {
        metadata: { labels: { 'app.kubernetes.io/name': name } },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              ...container,
              name,
              command: ['sh', '-c', thenResult, ...run, ...args],
              env: [
                // the Service for clients of the shop
                { name: 'GATEWAY', value: 'http://shop' },
                { name: 'REPORTS', value: reports },
                ...given,
              ],
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            },
          ],
          volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
        },
      },
    },
  };
}

/** The pod of a Job, if it has one yet. */
async function podOf(job: string, { core, namespace }: Connection): Promise<V1Pod | undefined> {
  const { items } = await core.listNamespacedPod({
    namespace,
    labelSelector: `batch.kubernetes.io/job-name=${job}`,
  });
  return items[0];
}

/** Waits until the container has begun; the name of its pod. Throws `ProvedNothing` when it does not. */
async function started(job: string, connection: Connection): Promise<string> {
  const end = performance.now() + startLimitMs;
  for (;;) {
    const pod = await podOf(job, connection);
    const state = pod?.status?.containerStatuses?.[0]?.state;
    if (pod?.metadata?.name !== undefined && (state?.running ?? state?.terminated) !== undefined) {
      return pod.metadata.name;
    }
    if (performance.now() > end) {
      const why =
        state?.waiting?.reason ??
        pod?.status?.conditions?.find(({ message }) => message !== undefined)?.message;
      throw new ProvedNothing(
        `INVALID: the pod of the load did not start within ${startLimitMs / 1000} s (${why ?? 'no pod exists'}); ${kubectl(`describe job ${job}`)} shows why`,
      );
    }
    await delay(pollEveryMs);
  }
}

/** The exit code of the container, once it has ended. */
async function codeOf(job: string, connection: Connection): Promise<number> {
  for (;;) {
    const pod = await podOf(job, connection);
    if (pod === undefined) throw new ProvedNothing('INVALID: the pod of the load was deleted');
    const code = pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
    if (code !== undefined) return code;
    await delay(pollEveryMs);
  }
}

/** Prints what a run writes: its progress in time, and its result. */
async function show(lines: AsyncIterable<string>, json: boolean): Promise<void> {
  const keep = progressLines();
  const result: string[] = [];
  let ended = false;
  for await (const line of lines) {
    if (ended) result.push(line);
    else if (line === mark) ended = true;
    else for (const kept of keep(line)) progress(String(kept));
  }
  if (json && result.length > 0) printJson(JSON.parse(result.join('\n')));
  // its files are deleted with the pod
  else for (const line of result) if (!line.includes(`${reports}/`)) passOn(line);
}

/**
 * Runs it to its end; the exit code of a command, as of a run on this machine. Ctrl-C ends it and takes it away. Throws
 * `ProvedNothing` when no run came of it.
 */
export async function loadInCluster(load: ClusterLoad): Promise<number> {
  const { connection } = await clusterMesh();
  const { client, config, namespace } = connection;
  const batch: BatchV1Api = config.makeApiClient(client.BatchV1Api);
  const body = loadJob(load, await modelIn(connection));
  const job = body.metadata?.name ?? name;
  const remove = () => batch.deleteNamespacedJob({ name: job, namespace, propagationPolicy: 'Background' });
  let removing = false;
  const interrupted = () => {
    if (removing) return;
    removing = true;
    remove().then(
      () => process.exit(130),
      () => process.exit(130),
    );
  };
  // they stay: a second one would end this command before the job is removed
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  try {
    await batch.createNamespacedJob({ namespace, body });
    progress(`${load.scenario} runs in ${namespace} as job/${job}`);
    const pod = await started(job, connection);
    await show(linesOf({ pod, container: name }, connection, { follow: true }), load.json);
    const code = await codeOf(job, connection);
    // what ended it may be the cluster: a limit, an eviction
    return Math.min(code, exitCodes.unproven);
  } catch (error) {
    throw error instanceof ProvedNothing ? error : clusterError(error, 'create jobs (batch)', connection);
  } finally {
    process.off('SIGINT', interrupted);
    process.off('SIGTERM', interrupted);
  }
}
