/** Volumes of secrets: the control service makes them all, each consumer mounts its own and only reads. */
import { consumers } from '../../lab/src/compose/consumers.ts';
import { type ComposeFile, serviceOf } from './compose-file.ts';

/** What is wrong with the volumes of secrets; empty when nothing is. */
export function secretProblems(file: ComposeFile, dockerfile: string): string[] {
  const problems: string[] = [];
  const control = serviceOf(file, 'control');
  const group = control.environment?.['MESH_SECRETS_GROUP'] ?? '';
  const declared = Object.keys(file.volumes).filter((volume) => volume.startsWith('secrets-'));
  const expected = consumers.map(({ name }) => `secrets-${name}`);
  if ([...declared].sort().join() !== [...expected].sort().join()) {
    problems.push(`the volumes are ${declared.join(', ')}, not ${expected.join(', ')}`);
  }
  if (control.group_add?.join() !== group) problems.push(`control is not in the group ${group}`);
  const made = /for consumer in ([a-z ]+);/.exec(dockerfile)?.[1]?.split(' ') ?? [];
  for (const { name, server } of consumers) {
    if (!control.volumes?.includes(`secrets-${name}:/secrets/${name}`)) {
      problems.push(`control does not mount secrets-${name} at /secrets/${name}`);
    }
    if (!made.includes(name)) problems.push(`deploy/Dockerfile makes no directory /secrets/${name}`);
    const consumer = file.services[name];
    if (consumer === undefined || !server) continue;
    const groups = [consumer.user?.split(':')[1], ...(consumer.group_add ?? [])];
    if (!groups.includes(group))
      problems.push(`${name} is not in the group ${group} that may read its secrets`);
  }
  for (const [name, { volumes = [] }] of Object.entries(file.services)) {
    if (name === 'control') continue;
    const own = `secrets-${name}:/run/mesh-secrets:ro`;
    for (const volume of volumes.filter((one) => one.startsWith('secrets-') && one !== own)) {
      problems.push(`${name} mounts ${volume}; its own is ${own}`);
    }
    const reads = consumers.some((consumer) => consumer.name === name);
    if (reads && !volumes.includes(own)) problems.push(`${name} does not mount ${own}`);
  }
  return problems;
}
