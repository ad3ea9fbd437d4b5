/** `./mesh down`: ordered stop; nothing left. */

import { readChanges } from '@microshop/control/changes/store';
import type { Command } from 'commander';
import { standsInContainers } from '../mesh/running-mesh.ts';
import { meshSettings } from '../mesh/settings.ts';
import { print, progress } from '../output/output.ts';
import { changeLines, keptHead } from '../text/changes.ts';

/** Adds the command to the program. */
export function registerDown(program: Command): void {
  program
    .command('down')
    .description('stop every part gracefully, including those left by a killed runner')
    .option('--wipe', 'delete the data, logs, configuration, passwords and certificates of this mesh')
    .addHelpText('after', '\nExample:\n  ./mesh down --wipe')
    .action(async (options: { wipe?: boolean }) => {
      const { instance, directory, placement } = meshSettings();
      // imported here: the parts load the clients of every server
      const [{ bringDown, wipe }, { partsWithoutTools }] = await Promise.all([
        import('@microshop/native/supervision/bring-down'),
        import('@microshop/native/supervision/mesh'),
      ]);
      const ended = await bringDown({
        directory,
        makeParts: () => partsWithoutTools(placement()),
        onLine: progress,
      });
      if (options.wipe === true) wipe(directory);
      print(
        ended ? `Mesh ${instance} is down` : `Mesh ${instance} was not running`,
        ...(options.wipe === true
          ? ['Its data is deleted']
          : changeLines(keptHead, await readChanges(directory.changes))),
        ...(!ended && (await standsInContainers(instance))
          ? ['The mesh in containers keeps running; docker compose down stops it']
          : []),
      );
    });
}
