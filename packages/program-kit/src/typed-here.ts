/**
 * The command in a container: `docker compose run --rm mesh …`. It reaches the mesh over the network only: the host
 * starts and stops the containers, and keeps their output. What it says names every command as it is typed there.
 */

/** A command that cannot work in a container. */
interface HostCommand {
  /** What does the same on the host, with what stands for its arguments; for a person who has typed the command. */
  readonly instead: string;
  /** What stands in a text in place of `./mesh <command>`, before the same arguments; without it the text stays. */
  readonly typed?: string;
}

const hostCommands: Readonly<Record<string, HostCommand>> = {
  up: { instead: 'docker compose up -d --wait', typed: 'docker compose up -d --wait' },
  down: {
    instead: 'docker compose down (with --volumes it forgets the data)',
    typed: 'docker compose down',
  },
  stop: { instead: 'docker compose stop <name>', typed: 'docker compose stop' },
  start: { instead: 'docker compose start <name>', typed: 'docker compose start' },
  restart: { instead: 'docker compose restart <name>', typed: 'docker compose restart' },
  load: { instead: 'docker compose run --rm k6 <scenario>', typed: 'docker compose run --rm k6' },
  logs: {
    instead:
      'docker compose logs <name>; for one order: ./mesh logs --order <id> in the checkout, or docker compose logs | grep <trace id>',
    typed: 'docker compose logs',
  },
  process: { instead: 'docker compose pause <name>, or ./mesh fault process <name> in the checkout' },
  tools: { instead: 'docker compose images' },
  test: { instead: './mesh test compose in the checkout' },
  bench: { instead: './mesh bench in the checkout' },
  experiment: { instead: './mesh experiment in the checkout' },
};

/** Whether this process runs in a container of the compose project; its file sets `MESH_MODE`. */
export function inContainers(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['MESH_MODE'] === 'compose';
}

/** How the command is called in a container. */
export const containerCommand = 'docker compose run --rm mesh';

/** How a person calls the command here. */
export function commandName(env: NodeJS.ProcessEnv = process.env): string {
  return inContainers(env) ? containerCommand : './mesh';
}

/** `./mesh`, unless it is said to be typed in the checkout, on the host. */
const written = /\.\/mesh(?: ([a-z]+)(?: process\b)?)?(?![^;,]{0,80}?\sin\s+the\s+checkout)/g;

/** A text with each `./mesh …` in it as it is typed for a mesh in containers. */
export function typedForContainers(text: string): string {
  return text.replaceAll(written, (found, word: string | undefined) => {
    const host = hostCommands[found.endsWith(' process') ? 'process' : (word ?? '')];
    if (host === undefined) return found.replace('./mesh', containerCommand);
    return host.typed ?? found;
  });
}

/** `./mesh <command>` without the number of a mesh before it; a text that was folded may have a line's end between them. */
const withoutInstance = /(?<!MESH_INSTANCE=\d\s+)\.\/mesh(?= [a-z])/g;

/**
 * A text for people with each command in it as it is typed here: in a container the ones that work there, natively about
 * the mesh of `MESH_INSTANCE` also in a shell that does not have the variable.
 */
export function typedHere(text: string, env: NodeJS.ProcessEnv = process.env): string {
  if (inContainers(env)) return typedForContainers(text);
  const { MESH_INSTANCE: instance = '' } = env;
  if (instance === '1' || !/^\d$/.test(instance)) return text;
  return text.replaceAll(withoutInstance, `MESH_INSTANCE=${instance} ./mesh`);
}

/** Help as it is right here: its examples are about any mesh. */
export function helpHere(text: string, env: NodeJS.ProcessEnv = process.env): string {
  return inContainers(env) ? typedForContainers(text) : text;
}

/** Whether the command of that name can do its work here; a command of commands can. */
export function worksHere(command: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return !inContainers(env) || hostCommands[command] === undefined;
}

/** What does the same on the host, of a command that cannot work in a container; undefined where it can work here. */
export function insteadHere(command: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return inContainers(env) ? hostCommands[command]?.instead : undefined;
}
