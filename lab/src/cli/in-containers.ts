/**
 * The command in a container: `docker compose run --rm mesh …`. It reaches the mesh over the network only: whoever runs
 * the containers starts, stops and lists them, and keeps their output.
 */
import { UsageError } from './errors.ts';

/** What does on the host what a command cannot do from a container. */
const instead: Readonly<Record<string, string>> = {
  up: 'docker compose up -d --wait',
  down: 'docker compose down (with --volumes it forgets the data)',
  status: 'docker compose ps',
  stop: 'docker compose stop <name>',
  start: 'docker compose start <name>',
  restart: 'docker compose restart <name>',
  load: 'docker compose run --rm k6 <scenario>',
  logs: 'docker compose logs <name>; for one order: ./mesh logs --order <id> in the checkout, or docker compose logs | grep <trace id>',
  process: 'docker compose pause <name>, or ./mesh fault process <name> in the checkout',
  tools: 'docker compose images',
  test: './mesh test compose in the checkout',
};

/** Whether this process runs in a container of the compose project; its file sets `MESH_MODE`. */
export function inContainers(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['MESH_MODE'] === 'compose';
}

/** How a person calls the command here. */
export function commandName(env: NodeJS.ProcessEnv = process.env): string {
  return inContainers(env) ? 'docker compose run --rm mesh' : './mesh';
}

/** How a person asks what runs. */
export function statusCommand(env: NodeJS.ProcessEnv = process.env): string {
  return inContainers(env) ? 'docker compose ps' : './mesh status';
}

/** Throws `UsageError`, with what to use instead, for a command that cannot work in a container. */
export function refuseInContainers(command: string, env: NodeJS.ProcessEnv = process.env): void {
  const other = instead[command];
  if (!inContainers(env) || other === undefined) return;
  throw new UsageError(`\`${command}\` works on the host, not in a container; use: ${other}`);
}
