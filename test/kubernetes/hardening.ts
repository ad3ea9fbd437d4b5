/** What must hold of every pod of the chart, whatever it runs. */
import { type Container, containersOf, type PodTemplate } from './rendered.ts';

/** A sentence for each thing that is not so. */
export function podProblems(pod: PodTemplate): string[] {
  const { kind, name, spec } = pod;
  const { securityContext: security = {} } = spec;
  const problems: string[] = [];
  const problem = (holds: boolean, said: string): void => {
    if (!holds) problems.push(`${name} ${said}`);
  };
  problem(
    security.runAsNonRoot === true &&
      (security.runAsUser ?? 0) > 0 &&
      security.seccompProfile?.type === 'RuntimeDefault',
    'may run as root, or without seccomp',
  );
  problem(spec.automountServiceAccountToken === false, 'has a token of the API server');
  problem(spec.hostNetwork !== true, 'is in the network of its node');
  problem(
    kind !== 'Deployment' || spec.topologySpreadConstraints?.length === 2,
    'is not spread over nodes and zones',
  );
  problem(!(spec.volumes ?? []).some((volume) => 'hostPath' in volume), 'mounts a directory of its node');
  return [...problems, ...containersOf(pod).flatMap((container) => containerProblems(pod, container))];
}

function containerProblems({ kind, name }: PodTemplate, container: Container): string[] {
  const { securityContext: security = {}, resources = {}, image } = container;
  const { requests = {}, limits = {} } = resources;
  const holds: readonly (readonly [boolean, string])[] = [
    [security.allowPrivilegeEscalation === false && security.privileged !== true, 'may gain rights'],
    [security.capabilities?.drop.includes('ALL') === true, 'keeps capabilities'],
    [security.readOnlyRootFilesystem === true, 'can write to its root file system'],
    [
      'cpu' in requests && 'memory' in requests && 'memory' in limits,
      'has no request of cpu and memory, or no limit of memory',
    ],
    [/:(?!latest$)[^/:]+$/.test(image), 'has an image without a version'],
    ...(['startupProbe', 'readinessProbe', 'livenessProbe'] as const).map(
      (probe) => [kind === 'Pod' || container[probe] !== undefined, `has no ${probe}`] as const,
    ),
  ];
  return holds.filter(([well]) => !well).map(([, said]) => `${name}/${container.name} ${said}`);
}
