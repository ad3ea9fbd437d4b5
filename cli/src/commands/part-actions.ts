/** `./mesh stop|start|restart <name>`: one part. */

import type { PartAction } from '@microshop/native/supervision/supervisor-schemas';
import type { Command } from 'commander';
import { checkPartName } from '../mesh/part-name.ts';
import { notRunningHere } from '../mesh/running-mesh.ts';
import { meshSettings } from '../mesh/settings.ts';
import { print } from '../output/output.ts';

const actions: readonly { action: PartAction; description: string; example: string }[] = [
  {
    action: 'stop',
    description: 'stop one part; it stays stopped, and what depends on it keeps running',
    example: 'users',
  },
  { action: 'start', description: 'start one part; returns when it is healthy', example: 'users' },
  {
    action: 'restart',
    description: 'stop one part and start it again; returns when it is healthy',
    example: 'rabbitmq',
  },
];

/** Adds the three commands to the program. */
export function registerPartActions(program: Command): void {
  for (const { action, description, example } of actions) {
    program
      .command(action)
      .description(description)
      .argument('<name>', 'name of the part, as ./mesh status shows it')
      .addHelpText('after', `\nExample:\n  ./mesh ${action} ${example}`)
      .action(async (name: string) => {
        const settings = meshSettings();
        const { client, placement } = settings;
        if ((await client.status()) === undefined) {
          await checkPartName(name, placement());
          throw await notRunningHere(settings);
        }
        const part = await client.act(action, name);
        print(`${part.name} is ${part.healthy ? `healthy (pid ${part.pid})` : part.state}`);
      });
  }
}
