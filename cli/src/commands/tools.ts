/** `./mesh tools`: the servers' programs, provisioned when they are missing. */

import { cacheDirectory, definitions, everyTool, type Tool, toolNames } from '@microshop/native/tools/index';
import type { Command } from 'commander';
import { columns } from '../output/columns.ts';
import { print, printJson } from '../output/output.ts';

const help = `
A tool is taken from its variable, else from this machine when its version fits, else from the cache
(MESH_CACHE, ${cacheDirectory()}), else it is provisioned.

${toolNames.map((name) => `  ${definitions[name].override.padEnd(22)} ${name} (${definitions[name].wanted})`).join('\n')}

Example:
  ./mesh tools --json`;

/** The tools for people. */
export function toolLines(tools: readonly Tool[]): string[] {
  const rows = tools.map(({ name, version, source, path }) => [name, version, source, path]);
  return columns(['tool', 'version', 'from', 'path'], rows);
}

/** Adds the command to the program. */
export function registerTools(program: Command): void {
  program
    .command('tools')
    .description("provision the servers' programs, and list each with its version, path and origin")
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(async (options: { json?: boolean }) => {
      const tools = await everyTool();
      if (options.json === true) {
        printJson({ tools });
        return;
      }
      print(...toolLines(tools));
    });
}
