/** `./mesh token`: a token for the gateway of a mesh that authenticates clients. */
import type { Command } from 'commander';
import { asksClients } from '../mesh/asks-clients.ts';
import { controlClient } from '../mesh/control-client.ts';
import { runningMesh } from '../mesh/running-mesh.ts';
import { CommandFailed } from '../output/errors.ts';
import { passOn, printJson } from '../output/output.ts';

/** Adds the command to the program. */
export function registerToken(program: Command): void {
  program
    .command('token')
    .description('print a token of an admin, for the gateway of a mesh that authenticates clients')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nIt goes in the header `authorization`, after `Bearer `, and expires after 15 minutes.\n\nExample:\n  ./mesh token',
    )
    .action(async (options: { json?: boolean }) => {
      const { gateway, control } = await runningMesh();
      if ((await asksClients(gateway)) === false) {
        throw new CommandFailed('This mesh authenticates nobody; ./mesh up --edge-auth starts one that does');
      }
      const token = await controlClient(control).operatorToken();
      if (options.json === true) printJson({ token });
      else passOn(token);
    });
}
