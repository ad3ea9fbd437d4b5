/** The chart as Helm renders it, and what its tests read of it. */
import { execa } from 'execa';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { parseAllDocuments } from 'yaml';
import { chart } from './helm.ts';

const labels = Type.Record(Type.String(), Type.String());

const metadata = Type.Object({
  name: Type.String(),
  labels: Type.Optional(labels),
  annotations: Type.Optional(labels),
});

const objectSchema = Type.Object({ apiVersion: Type.String(), kind: Type.String(), metadata });

/** An object of Kubernetes. */
export type KubernetesObject = Static<typeof objectSchema>;

const amounts = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]));

const containerSchema = Type.Object({
  name: Type.String(),
  image: Type.String(),
  restartPolicy: Type.Optional(Type.String()),
  env: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.Optional(Type.String()) }))),
  ports: Type.Optional(Type.Array(Type.Object({ name: Type.String(), containerPort: Type.Integer() }))),
  resources: Type.Optional(Type.Object({ requests: Type.Optional(amounts), limits: Type.Optional(amounts) })),
  securityContext: Type.Optional(
    Type.Object({
      allowPrivilegeEscalation: Type.Optional(Type.Boolean()),
      readOnlyRootFilesystem: Type.Optional(Type.Boolean()),
      capabilities: Type.Optional(Type.Object({ drop: Type.Array(Type.String()) })),
      privileged: Type.Optional(Type.Boolean()),
    }),
  ),
  startupProbe: Type.Optional(Type.Object({})),
  readinessProbe: Type.Optional(Type.Object({})),
  livenessProbe: Type.Optional(Type.Object({})),
  lifecycle: Type.Optional(
    Type.Object({
      preStop: Type.Object({ sleep: Type.Optional(Type.Object({ seconds: Type.Integer() })) }),
    }),
  ),
});

/** A container of a pod. */
export type Container = Static<typeof containerSchema>;

const podSpec = Type.Object({
  serviceAccountName: Type.Optional(Type.String()),
  automountServiceAccountToken: Type.Optional(Type.Boolean()),
  hostNetwork: Type.Optional(Type.Boolean()),
  terminationGracePeriodSeconds: Type.Optional(Type.Integer()),
  topologySpreadConstraints: Type.Optional(Type.Array(Type.Object({ topologyKey: Type.String() }))),
  securityContext: Type.Optional(
    Type.Object({
      runAsNonRoot: Type.Optional(Type.Boolean()),
      runAsUser: Type.Optional(Type.Integer()),
      seccompProfile: Type.Optional(Type.Object({ type: Type.String() })),
    }),
  ),
  initContainers: Type.Optional(Type.Array(containerSchema)),
  containers: Type.Array(containerSchema),
  volumes: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
});

const podSchema = Type.Object({ kind: Type.Literal('Pod'), metadata, spec: podSpec });
const workloadSchema = Type.Object({
  kind: Type.Enum(['Deployment', 'StatefulSet']),
  metadata,
  spec: Type.Object({
    replicas: Type.Optional(Type.Integer()),
    template: Type.Object({ metadata: Type.Object({ labels }), spec: podSpec }),
  }),
});

/** A pod as a workload makes it, or by itself. */
export interface PodTemplate {
  readonly kind: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly replicas: number | undefined;
  readonly spec: Static<typeof podSpec>;
}

/** For which Kubernetes; a Helm that was built with plain Go knows of an old one only. */
const kubernetesVersion = '1.34';

/** Namespace for which the chart is rendered. */
export const renderedNamespace = 'microshop';

/** What Helm has rendered so far, by its arguments: most tests of a file look at the same, and each run takes half a second of CPU. */
const renderings = new Map<string, Promise<KubernetesObject[]>>();

/** The chart rendered with those values (`--set-json`), its test included. Throws what Helm prints when it refuses. */
export async function rendered(helm: string, ...values: readonly string[]): Promise<KubernetesObject[]> {
  return await renderedWhere(helm, [], ...values);
}

/** The same for a cluster that knows those groups of its API besides its own. */
export async function renderedWhere(
  helm: string,
  groups: readonly string[],
  ...values: readonly string[]
): Promise<KubernetesObject[]> {
  const sets = values.flatMap((value) => ['--set-json', value]);
  const about = ['--namespace', renderedNamespace, '--kube-version', kubernetesVersion];
  const known = groups.flatMap((group) => ['--api-versions', group]);
  const words = ['template', 'shop', chart, ...about, ...known, ...sets];
  const key = JSON.stringify([helm, words]);
  const rendering = renderings.get(key) ?? objectsBy(helm, words);
  renderings.set(key, rendering);
  return structuredClone(await rendering);
}

/** The objects that Helm prints. */
async function objectsBy(helm: string, words: readonly string[]): Promise<KubernetesObject[]> {
  const { stdout } = await execa(helm, words);
  return parseAllDocuments(stdout).flatMap((document): KubernetesObject[] => {
    const object: unknown = document.toJS();
    return object === null ? [] : [Value.Parse(objectSchema, object)];
  });
}

/** The objects that are of that schema. */
export function those<T extends TSchema>(schema: T, objects: readonly KubernetesObject[]): Static<T>[] {
  return objects.flatMap((object) => (Value.Check(schema, object) ? [object] : []));
}

/** Every pod there will be. */
export function podTemplates(objects: readonly KubernetesObject[]): PodTemplate[] {
  return [
    ...those(workloadSchema, objects).map(({ kind, metadata: { name }, spec: { replicas, template } }) => ({
      kind,
      name,
      replicas,
      labels: template.metadata.labels,
      spec: template.spec,
    })),
    ...those(podSchema, objects).map(({ kind, metadata: { name, labels: own = {} }, spec }) => ({
      kind,
      name,
      replicas: undefined,
      labels: own,
      spec,
    })),
  ];
}

/** All containers of a pod, native sidecars first. */
export function containersOf({
  spec: { initContainers = [], containers },
}: PodTemplate): readonly Container[] {
  return [...initContainers, ...containers];
}

/** The only object of that kind and name, with all its fields. Throws when there is none. */
export function objectOf(
  kind: string,
  name: string,
  objects: readonly KubernetesObject[],
): Readonly<Record<string, unknown>> {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return { ...found };
}

/** Names of the objects of a kind. */
export function namesOf(kind: string, objects: readonly KubernetesObject[]): string[] {
  return objects.filter((object) => object.kind === kind).map(({ metadata: { name } }) => name);
}
