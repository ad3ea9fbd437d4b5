/** The engine, as its own command line shows it. Environment variables say which engine and which project. */
import { execFile } from 'node:child_process';
import { root } from './command.ts';
import type { CommandResult } from './driver.ts';

/** Time a command may take, milliseconds. */
const commandTimeoutMs = 180_000;

/** What `docker inspect` says of a container, as far as tests look. */
export interface Container {
  readonly Id: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Status: string;
    /** Of the last end; 0 while it runs. */
    readonly ExitCode: number;
    readonly Pid: number;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: {
    readonly User: string;
    readonly Image: string;
    readonly Env: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly Privileged: boolean;
    readonly Memory: number;
    readonly PidsLimit: number | null;
    readonly CapAdd: readonly string[] | null;
    readonly CapDrop: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly NetworkMode: string;
    readonly PortBindings: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[]>> | null;
  };
  readonly Mounts: readonly {
    Type: string;
    Source: string;
    Destination: string;
    RW: boolean;
    Name?: string;
  }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
}

/** Runs `docker` with these arguments in the checkout, with `input` on its standard input. */
export function docker(args: readonly string[], input = ''): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { cwd: root, timeout: commandTimeoutMs, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile('docker', [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

/** Its output. Throws with what it said when it failed. */
export async function dockerDone(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

/** Name of the project. */
const projectName = () => process.env['COMPOSE_PROJECT_NAME'] || 'microshop';

/** Every container of the project, running or not, by the name of its service. */
export async function allContainers(): Promise<ReadonlyMap<string, Container>> {
  const labels = [`project=${projectName()}`, 'oneoff=False'];
  const filters = labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`]);
  const listed = await dockerDone(['ps', '--all', '--quiet', '--no-trunc', ...filters]);
  const ids = listed.split('\n').filter((id) => id !== '');
  if (ids.length === 0) throw new Error('The compose project has no container');
  const found: Container[] = JSON.parse(await dockerDone(['inspect', ...ids]));
  return new Map(found.map((one) => [one.Config.Labels['com.docker.compose.service'] ?? one.Id, one]));
}

/** Name of the container of a service: the compose file gives it one, and the engine finds it by that at once. */
export function containerName(service: string): string {
  return `${projectName()}-${service}-1`;
}

/** The container of a service. Throws when there is none. */
export async function containerOf(service: string): Promise<Container> {
  const inspect = ['inspect', '--type', 'container', containerName(service)];
  const [container]: Container[] = JSON.parse(await dockerDone(inspect));
  if (container === undefined) throw new Error(`docker inspect says nothing about ${service}`);
  return container;
}

/** What a command in the container of a service prints. Throws with what it said when it failed. */
export function inContainer(service: string, ...command: readonly string[]): Promise<string> {
  return dockerDone(['exec', containerName(service), ...command]);
}

/** What the container of a service has written so far, both streams. */
export async function logOf(service: string): Promise<string> {
  const { code, stdout, stderr } = await docker(['logs', containerName(service)]);
  if (code !== 0) throw new Error(`There is no log of ${service}: ${stderr}`);
  return stdout + stderr;
}

/** Whether it runs, and answers its health check where it has one. */
export function isWell({ State }: Container): boolean {
  return State.Status === 'running' && (State.Health === undefined || State.Health.Status === 'healthy');
}
