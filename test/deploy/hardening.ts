/** What every service of the compose file must say, and what no service may. */
import type { ComposeFile, ComposeService } from './compose-file.ts';

const mebibytes = /^(\d+)m$/;

/** What is wrong with one service. */
function wrongWith(name: string, service: ComposeService): string[] {
  const user = service.user?.split(':')[0];
  const volumes = service.volumes ?? [];
  const rules: [boolean, string][] = [
    [user !== undefined && !['', '0', 'root'].includes(user), 'names no user, or root'],
    [service.read_only === true, 'is not read_only'],
    [service.cap_drop?.join() === 'ALL', 'does not drop ALL capabilities'],
    [service.cap_add === undefined, 'adds capabilities'],
    [service.privileged !== true, 'is privileged'],
    [service.security_opt?.join() === 'no-new-privileges:true', 'lacks no-new-privileges'],
    [mebibytes.test(service.mem_limit ?? ''), 'has no mem_limit in MiB (like 128m)'],
    [(service.pids_limit ?? 0) > 0, 'has no pids_limit'],
    [
      service.logging?.driver === 'json-file' && /^\d+m$/.test(service.logging.options?.['max-size'] ?? ''),
      'keeps its log without a bound (json-file with max-size)',
    ],
    [
      service.network_mode === undefined || service.network_mode.startsWith('service:'),
      'leaves the networks',
    ],
    [!volumes.some((volume) => /\.sock/.test(volume)), "mounts the engine's socket"],
    [
      volumes.every((volume) => !/^[./~]/.test(volume) || volume.endsWith(':ro')),
      'can write to a directory of the host',
    ],
    [
      service.restart === (service.profiles === undefined ? 'unless-stopped' : 'no'),
      'has another restart policy',
    ],
    [
      service.profiles !== undefined ||
        service.container_name === `\${COMPOSE_PROJECT_NAME:-microshop}-${name}-1`,
      'has no container_name of its own, so that compose would begin a second one',
    ],
  ];
  return rules.filter(([kept]) => !kept).map(([, what]) => what);
}

/** What is wrong with the services' rights; empty when nothing is. */
export function hardeningProblems({ services }: ComposeFile): string[] {
  return Object.entries(services).flatMap(([name, service]) =>
    wrongWith(name, service).map((what) => `${name} ${what}`),
  );
}

/** Sum of the memory limits of what always runs, MiB. */
export function memorySum({ services }: ComposeFile, without: readonly string[] = []): number {
  return Object.entries(services)
    .filter(([name, { profiles }]) => profiles === undefined && !without.includes(name))
    .reduce((sum, [, service]) => sum + Number(mebibytes.exec(service.mem_limit ?? '')?.[1] ?? 0), 0);
}
