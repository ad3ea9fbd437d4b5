/** RabbitMQ, from its Debian package. */
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { exists } from './cache.ts';
import { fromPackage } from './debian.ts';
import { CommandFailedError } from './errors.ts';
import { isProgram, onPath } from './search-path.ts';
import type { ToolDefinition } from './tool.ts';
import { isBetween } from './versions.ts';

/** Where Debian puts the server's own script; the one it puts on PATH changes user and directory. */
const debianScript = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** Whether `file` is RabbitMQ's own start script: that one sources `rabbitmq-env` from its own directory. */
async function isServerScript(file: string): Promise<boolean> {
  if (!(await isProgram(file))) return false;
  return await exists(path.join(path.dirname(await realpath(file)), 'rabbitmq-env'));
}

/**
 * Version of the RabbitMQ a start script belongs to, read from the name of its core plugin: asking the program
 * would start an Erlang machine (2 s).
 */
async function versionOf(script: string): Promise<string> {
  const plugins = path.join(path.dirname(await realpath(script)), '../plugins');
  for (const name of await readdir(plugins)) {
    const found = /^rabbit-(\d+\.\d+\.\d+)/.exec(name)?.[1];
    if (found !== undefined) return found;
  }
  throw new CommandFailedError(`${script} has no RabbitMQ beside it: no plugin "rabbit" in ${plugins}`);
}

/** From 3.10 on quorum queues limit deliveries; 4.3 no longer counts `nack` towards that limit. */
export const rabbitmq: ToolDefinition = {
  name: 'rabbitmq',
  override: 'MESH_RABBITMQ_BIN',
  candidates: async (env) => {
    const scripts: string[] = [];
    for (const file of [debianScript, ...(await onPath('rabbitmq-server', env))]) {
      if (await isServerScript(file)) scripts.push(file);
    }
    return await fromPackage('rabbitmq-server', scripts);
  },
  version: versionOf,
  accepts: (version) => isBetween(version, '3.10', '4.3'),
  wanted: '3.10 or newer, below 4.3',
  supply: { from: 'debian', package: 'rabbitmq-server' },
};
