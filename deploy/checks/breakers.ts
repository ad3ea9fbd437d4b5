/** Volumes of the breakers' policies: one for each service that calls others, mounted by it and by the control service. */
import { services as shop } from '@microshop/topology';
import { type ComposeFile, serviceOf } from './compose-file.ts';

/** What is wrong with the volumes of the breakers' policies; empty when nothing is. */
export function breakerProblems(file: ComposeFile, dockerfile: string): string[] {
  const callers = shop.filter(({ calls }) => calls.length > 0).map(({ name }) => name);
  const declared = Object.keys(file.volumes).filter((volume) => volume.startsWith('breakers-'));
  const expected = callers.map((name) => `breakers-${name}`);
  const problems: string[] = [];
  if ([...declared].sort().join() !== [...expected].sort().join()) {
    problems.push(`the volumes are ${declared.join(', ')}, not ${expected.join(', ')}`);
  }
  const apps = serviceOf(file, 'control').environment?.['MESH_APPS_DIR'] ?? '';
  // the owner of a new volume is that of the directory in the image that mounts it first
  const made = /install -d -o node -g node -m 0755 (.*) &&/.exec(dockerfile)?.[1]?.split(' ') ?? [];
  const mounts = new Map<string, string[]>();
  for (const name of callers) {
    const directory = `${apps}/${name}`;
    if (!made.includes(directory)) problems.push(`deploy/Dockerfile makes no directory ${directory}`);
    mounts.set('control', [...(mounts.get('control') ?? []), `breakers-${name}:${directory}`]);
    // it writes there, too: what it has in force
    mounts.set(name, [`breakers-${name}:${serviceOf(file, name).environment?.['MESH_BREAKERS_DIR'] ?? ''}`]);
  }
  for (const [name, { volumes = [] }] of Object.entries(file.services)) {
    const has = volumes.filter((volume) => volume.startsWith('breakers-')).join(', ');
    const should = (mounts.get(name) ?? []).join(', ');
    if (has !== should) problems.push(`${name} mounts "${has}", not "${should}"`);
  }
  return problems;
}
