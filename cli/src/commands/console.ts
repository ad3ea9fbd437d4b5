/** `./mesh console`: the address of a page that may change the mesh. */
import { inContainers } from '@microshop/program-kit/typed-here';
import type { Command } from 'commander';
import { runningMesh } from '../mesh/running-mesh.ts';
import { publishedUrls } from '../mesh/settings.ts';
import { print, printJson } from '../output/output.ts';
import { pageAddress } from '../page/address.ts';

/** Adds the command to the program. */
export function registerConsole(program: Command): void {
  program
    .command('console')
    .description('print the address of the console, a page that shows the mesh and may change it')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nThe address opens once, within an hour.\n\nExample:\n  ./mesh console')
    .action(async (options: { json?: boolean }) => {
      const { control } = await runningMesh();
      const shown = inContainers() ? (publishedUrls()['control'] ?? control) : control;
      const address = await pageAddress(control, shown);
      if (options.json === true) printJson({ address });
      else print(address);
    });
}
