/** Passwords: in no environment, and in a volume that only their consumer mounts, to read. */
import { consumers } from '@microshop/deploy/consumers';
import { type ComposeFile, serviceOf } from './compose-file.ts';

/** Who mounts a volume of secrets that is not its own or could write there, and which server may not read its own. */
export function secretProblems(file: ComposeFile): string[] {
  const problems: string[] = [];
  const control = serviceOf(file, 'control');
  const group = control.environment?.['MESH_SECRETS_GROUP'] ?? '';
  if (control.group_add?.join() !== group) problems.push(`control is not in the group ${group}`);
  for (const { name, server } of consumers) {
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

/** Secrets in an environment, where `docker inspect` would show them. */
export function environmentProblems({ services }: ComposeFile): string[] {
  return Object.entries(services).flatMap(([name, { environment = {} }]) =>
    Object.keys(environment)
      // a password chosen for Grafana comes in this way; a file is made of it
      .filter((variable) => /PASSWORD|SECRET|TOKEN|KEY/.test(variable))
      .filter(
        (variable) => !/_(FILE|MODE)$|^MESH_SECRETS_(DIR|GROUP)$|^GRAFANA_ADMIN_PASSWORD$/.test(variable),
      )
      .map((variable) => `${name} has a secret in its environment: ${variable}`),
  );
}
