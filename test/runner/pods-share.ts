/**
 * How much of the processors the pods of a cluster on this machine get while others compute as well.
 *
 * A kubelet with a `cgroupRoot` of its own has all of its pods in that one cgroup, and Linux divides a busy machine between cgroups
 * and sessions, however many processes each has: at load 36 the sixteen pods of the chart got together what one process of a
 * mesh beside them got, and their probes were answered too late. So that cgroup is given the weight of several.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '@microshop/program-kit/errors';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** How many processes of this machine the pods weigh together: with so many the group `kubernetes` passed at load 36. */
const processes = 30;

/** The file that says how much a cgroup weighs, and what it says of one that nobody has changed. */
interface Weight {
  readonly file: string;
  readonly usual: number;
}

/** That of a cgroup, by the mounts of this machine (`/proc/self/mountinfo`); `undefined` where cgroups divide no processors. */
export function weightOf(cgroup: string, mounts: string): Weight | undefined {
  const hierarchies = mounts.split('\n').flatMap((line) => {
    // … root, where it is mounted, options, …, and behind the dash what it is, its source and its own options
    const [mount = '', filesystem = ''] = line.split(' - ');
    const [type = '', , options = ''] = filesystem.split(' ');
    return type.startsWith('cgroup')
      ? [{ type, directory: mount.split(' ')[4] ?? '', controllers: options.split(',') }]
      : [];
  });
  // version 1 has a hierarchy for each controller; a second version beside it then divides no processors
  const first = hierarchies.find(({ type, controllers }) => type === 'cgroup' && controllers.includes('cpu'));
  if (first !== undefined) return { file: path.join(first.directory, cgroup, 'cpu.shares'), usual: 1024 };
  const second = hierarchies.find(({ type }) => type === 'cgroup2');
  return second && { file: path.join(second.directory, cgroup, 'cpu.weight'), usual: 100 };
}

/** Gives a cgroup the weight of {@link processes}; why that cannot be done, or `undefined` when it is. */
export async function raiseWeight(cgroup: string): Promise<string | undefined> {
  try {
    const weight = weightOf(cgroup, await readFile('/proc/self/mountinfo', 'utf8'));
    if (weight === undefined) return 'cgroups divide no processors here';
    // makes no file: one in a directory that is no cgroup would change nothing
    await writeFile(weight.file, String(processes * weight.usual), { flag: 'r+' });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

const nodesSchema = Type.Object({
  items: Type.Array(Type.Object({ metadata: Type.Object({ name: Type.String() }) })),
});

const configurationSchema = Type.Object({
  kubeletconfig: Type.Object({ cgroupRoot: Type.Optional(Type.String()) }),
});

/** The cgroups in which the kubelets of a cluster have their pods, where they are not the usual ones: those have the weight of their node. */
export async function podCgroups(get: (path: string) => Promise<string>): Promise<readonly string[]> {
  const { items } = Value.Parse(nodesSchema, JSON.parse(await get('/api/v1/nodes')));
  const roots = items.map(async ({ metadata: { name } }) => {
    const said: unknown = JSON.parse(await get(`/api/v1/nodes/${name}/proxy/configz`));
    return Value.Parse(configurationSchema, said).kubeletconfig.cgroupRoot ?? '';
  });
  return [...new Set(await Promise.all(roots))].filter((root) => root !== '' && root !== '/');
}

/** Gives the pods of a cluster on this machine their share; `get` asks its API server. Where that cannot be done it says so, once. */
export async function weighPods(
  get: (path: string) => Promise<string>,
  say: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): Promise<void> {
  try {
    const problems = await Promise.all((await podCgroups(get)).map(raiseWeight));
    const [problem] = problems.filter((one) => one !== undefined);
    if (problem !== undefined) throw new Error(problem);
  } catch (error) {
    say(
      `On a busy machine all pods together get as much as one process: their cgroup cannot be given more (${messageOf(error)})`,
    );
  }
}
