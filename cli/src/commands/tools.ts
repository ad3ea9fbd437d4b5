/** `./mesh tools`: the servers' programs, provisioned when they are missing. */

import { cacheDirectory, definitions, everyTool, toolNames } from '@microshop/native/tools/index';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { print, printJson } from '../output/output.ts';

const help = `
A tool is taken from its variable, else from this machine when its version fits, else from the cache
(MESH_CACHE, ${cacheDirectory()}), else it is provisioned.

${toolNames.map((name) => `  ${definitions[name].override.padEnd(22)} ${name} (${definitions[name].wanted})`).join('\n')}

Example:
  ./mesh tools --json`;

/** Adds the command to the program. */
export function registerTools(program: Command): void {
  program
    .command('tools')
    .description("provision the servers' programs and tell name, version, path and where each came from")
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(async (options: { json?: boolean }) => {
      const tools = await everyTool();
      if (options.json === true) {
        printJson({ tools });
        return;
      }
      const table = new Table({ head: ['tool', 'version', 'from', 'path'], style: { head: [], border: [] } });
      for (const tool of tools) table.push([tool.name, tool.version, tool.source, tool.path]);
      print(...table.toString().split('\n'));
    });
}
