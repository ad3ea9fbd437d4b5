/** What every container of the project must be, as `docker inspect` shows it. */
import type { Container } from './docker.ts';

/** What is wrong with a container; empty when nothing is. */
export function violations({ Config, HostConfig, Mounts }: Container): string[] {
  const user = Config.User.split(':')[0] ?? '';
  const published = Object.values(HostConfig.PortBindings ?? {}).flat();
  const securityOptions = HostConfig.SecurityOpt ?? [];
  const rules: [boolean, string][] = [
    [user !== '' && user !== 'root' && user !== '0', `runs as ${user === '' ? 'root' : user}`],
    [HostConfig.ReadonlyRootfs, 'its root file system can be written'],
    [!HostConfig.Privileged, 'is privileged'],
    [(HostConfig.CapDrop ?? []).includes('ALL'), 'keeps capabilities'],
    [(HostConfig.CapAdd ?? []).length === 0, `adds capabilities: ${HostConfig.CapAdd?.join(', ')}`],
    [securityOptions.some((option) => /^no-new-privileges(:true)?$/.test(option)), 'may gain privileges'],
    [!securityOptions.some((option) => /unconfined/.test(option)), 'switches a profile off'],
    [HostConfig.Memory > 0, 'has no limit on memory'],
    [(HostConfig.PidsLimit ?? 0) > 0, 'has no limit on processes'],
    [HostConfig.NetworkMode !== 'host', "uses the host's network"],
    [published.every(({ HostIp }) => HostIp === '127.0.0.1'), 'publishes a port beyond loopback'],
    [
      Mounts.every(
        ({ Source, Destination }) => !/docker\.sock|containerd\.sock/.test(`${Source} ${Destination}`),
      ),
      "mounts the engine's socket",
    ],
    [Mounts.every(({ Type, RW }) => Type !== 'bind' || !RW), 'can write to a directory of the host'],
  ];
  return rules.filter(([kept]) => !kept).map(([, what]) => what);
}
