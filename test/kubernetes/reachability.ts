/**
 * Who reaches whom under NetworkPolicies, as Kubernetes defines them: a pod that a policy selects is closed in that direction
 * but for what a policy allows it; a connection needs both its ends to allow it.
 */
import { type Static, Type } from 'typebox';
import { containersOf, type KubernetesObject, type PodTemplate, podTemplates, those } from './rendered.ts';

// nothing else is understood here, so nothing else may be there
const strict = { additionalProperties: false };
const selector = Type.Object(
  { matchLabels: Type.Optional(Type.Record(Type.String(), Type.String())) },
  strict,
);
const peer = Type.Object(
  {
    podSelector: Type.Optional(selector),
    namespaceSelector: Type.Optional(selector),
    ipBlock: Type.Optional(Type.Object({ cidr: Type.String() }, strict)),
  },
  strict,
);
const ports = Type.Array(Type.Object({ protocol: Type.Enum(['TCP', 'UDP']), port: Type.Integer() }, strict));
const ingress = Type.Object({ from: Type.Optional(Type.Array(peer)), ports: Type.Optional(ports) }, strict);
const egress = Type.Object({ to: Type.Optional(Type.Array(peer)), ports: Type.Optional(ports) }, strict);

const policySchema = Type.Object({
  kind: Type.Literal('NetworkPolicy'),
  metadata: Type.Object({ name: Type.String() }),
  spec: Type.Object(
    {
      podSelector: selector,
      policyTypes: Type.Array(Type.Enum(['Ingress', 'Egress'])),
      ingress: Type.Optional(Type.Union([Type.Array(ingress), Type.Null()])),
      egress: Type.Optional(Type.Union([Type.Array(egress), Type.Null()])),
    },
    strict,
  ),
});

type Policy = Static<typeof policySchema>;
type Peer = Static<typeof peer>;
type Labels = Readonly<Record<string, string>>;

/** A client or server that is no pod of the namespace. */
export const outside = 'outside';

type End = Labels | typeof outside;

function selects({ matchLabels = {} }: Static<typeof selector>, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
}

function isPeer({ podSelector, namespaceSelector, ipBlock }: Peer, end: End): boolean {
  if (end === outside) return ipBlock !== undefined;
  // pods of other namespaces are not among those asked about
  return namespaceSelector === undefined && podSelector !== undefined && selects(podSelector, end);
}

interface Rule {
  readonly peers: readonly Peer[];
  readonly ports: Static<typeof ports>;
}

function rulesOf(policies: readonly Policy[], direction: 'Ingress' | 'Egress', labels: Labels) {
  const about = policies.filter(
    ({ spec }) => spec.policyTypes.includes(direction) && selects(spec.podSelector, labels),
  );
  const rules = about.flatMap(({ spec }): Rule[] =>
    direction === 'Ingress'
      ? (spec.ingress ?? []).map((rule) => ({ peers: rule.from ?? [], ports: rule.ports ?? [] }))
      : (spec.egress ?? []).map((rule) => ({ peers: rule.to ?? [], ports: rule.ports ?? [] })),
  );
  return { closed: about.length > 0, rules };
}

function allows(
  policies: readonly Policy[],
  direction: 'Ingress' | 'Egress',
  own: End,
  other: End,
  port: number,
): boolean {
  if (own === outside) return true;
  const { closed, rules } = rulesOf(policies, direction, own);
  if (!closed) return true;
  return rules.some(
    (rule) =>
      (rule.ports.length === 0 || rule.ports.some((one) => one.protocol === 'TCP' && one.port === port)) &&
      (rule.peers.length === 0 || rule.peers.some((one) => isPeer(one, other))),
  );
}

/** Ports at which a pod listens for others. */
function portsOf(pod: PodTemplate): readonly number[] {
  return containersOf(pod).flatMap(({ ports: own = [] }) => own.map(({ containerPort }) => containerPort));
}

/**
 * Every connection that the policies among the objects let through, `from → to:port`, sorted. A part to itself is one of its pods to
 * another: it counts where there are several.
 */
export function reachable(objects: readonly KubernetesObject[]): string[] {
  const policies = those(policySchema, objects);
  const count = objects.filter(({ kind }) => kind === 'NetworkPolicy').length;
  if (policies.length !== count) throw new Error('A NetworkPolicy says what is not understood here');
  const pods = podTemplates(objects);
  const ends: readonly (readonly [string, End])[] = [
    [outside, outside],
    ...pods.map((pod) => [pod.name, pod.labels] as const),
  ];
  return ends
    .flatMap(([from, client]) =>
      pods
        .filter(({ name, replicas = 1 }) => name !== from || replicas > 1)
        .flatMap((pod) =>
          portsOf(pod)
            .filter(
              (port) =>
                allows(policies, 'Egress', client, pod.labels, port) &&
                allows(policies, 'Ingress', pod.labels, client, port),
            )
            .map((port) => `${from} → ${pod.name}:${port}`),
        ),
    )
    .sort();
}
