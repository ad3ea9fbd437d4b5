/** What is left of the native mesh of that number in this checkout: nothing, when it is down. */
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { partsWithoutTools } from '@microshop/native/supervision/mesh';
import { portProblems } from '@microshop/native/supervision/ports';
import { listPids } from '@microshop/native/supervision/proc';
import { repositoryRoot, runDirectory } from '@microshop/program-kit/run-directory';
import { nativePlacement } from '@microshop/topology';

/** Processes of the mesh: its supervisor, and those whose environment or command line names its directory. */
export function processesOf(instance: number): string[] {
  const { path } = runDirectory(instance);
  return listPids().flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const text = command + readFileSync(`/proc/${pid}/environ`, 'utf8');
      const supervises =
        command.includes('daemon-main.ts') &&
        command.includes(`"instance":${instance},`) &&
        readlinkSync(`/proc/${pid}/cwd`) === repositoryRoot;
      const isPart = text.includes(`${path}/`) || text.includes(`${path}#`);
      return supervises || isPart ? [`${pid} ${command.slice(0, 120)}`] : [];
    } catch {
      // it has ended, or belongs to another user
      return [];
    }
  });
}

/** Its processes, its ports that are not free, and its lock. */
export async function leftOf(instance: number): Promise<string[]> {
  const taken = await portProblems(partsWithoutTools(nativePlacement({ instance })));
  const { lock } = runDirectory(instance);
  return [
    ...processesOf(instance),
    ...taken.map(({ port: { host, port } }) => `${host}:${port} is taken`),
    ...(existsSync(lock) ? [lock] : []),
  ];
}
