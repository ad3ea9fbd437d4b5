/** `./mesh trace <order id>`: what happened to an order. */
import { isTraceId } from '@microshop/topology';
import type { Command } from 'commander';
import { whenComplete } from '../mesh/control-client.ts';
import { runningControl } from '../mesh/running-mesh.ts';
import { exitCodes } from '../output/errors.ts';
import { print, printJson, progress } from '../output/output.ts';
import { durationMs, durationText, positiveInteger } from '../output/values.ts';
import { waterfall } from '../text/waterfall.ts';

/** Adds the command to the program. */
export function registerTrace(program: Command): void {
  program
    .command('trace')
    .description('print the whole trace of an order as a waterfall; exit code 1 unless it is complete')
    .argument('<order id>', 'number of the order, or a trace id (32 hex digits, from x-trace-id)')
    .option('--json', 'print one JSON document')
    .option('--wait <duration>', 'how long to wait for spans on their way', '10s')
    .addHelpText('after', '\nExample:\n  ./mesh trace 1')
    .action(async (of: string, options: { json?: boolean; wait: string }) => {
      const waitMs = durationMs('--wait', options.wait);
      const ofTrace = isTraceId(of);
      const orderId = ofTrace ? 0 : positiveInteger('<order id>', of);
      const control = await runningControl();
      const look = () => (ofTrace ? control.trace(of) : control.orderTrace(orderId));
      const verdict = await whenComplete(look, waitMs, (mostMs) =>
        progress(`Waiting up to ${durationText(mostMs)} for spans on their way to Jaeger`),
      );
      if (!verdict.complete) process.exitCode = exitCodes.failed;
      if (options.json === true) printJson(verdict);
      else print(...waterfall(verdict));
    });
}
