/**
 * `./mesh bench telemetry`: places orders on a running mesh with a part of the services' telemetry on and off in turn.
 *
 * The services of that mesh are stopped meanwhile and run here instead. The Envoys trace all the time, so what is
 * compared is the services' own telemetry (`switches.ts` says what off means). After each traced run every order must
 * be traced whole, else it says nothing.
 */

import { meshSettings } from '@microshop/cli/mesh/settings';
import { CommandFailed, UsageError } from '@microshop/cli/output/errors';
import { print, printJson, progress } from '@microshop/cli/output/output';
import { positiveInteger } from '@microshop/cli/output/values';
import { services } from '@microshop/topology';
import type { Command } from 'commander';
import type { Spread } from '../statistics/spread.ts';
import { type Comparison, compare, type Measured, type Pair, sumOf } from './compare.ts';
import { consumers } from './cpu.ts';
import { measure } from './measure.ts';
import { type Switch, switches, switchNames } from './switches.ts';

interface Options {
  readonly pairs: string;
  readonly orders: string;
  readonly clients: string;
  readonly json?: boolean;
}

/** Ctrl-C ends the services that run here, and with them the run; the mesh still gets its own back. */
const interrupted = new AbortController();

/** The pairs, each in the other order than the one before: A B, B A, A B. */
async function measurePairs(of: Switch, pairs: number, orders: number, clients: number): Promise<Pair[]> {
  const measured: Pair[] = [];
  for (let index = 0; index < pairs; index += 1) {
    interrupted.signal.throwIfAborted();
    const on = () => measure({ extra: {}, traced: true, orders, clients });
    const off = () => measure({ extra: switches[of], traced: of === 'metrics', orders, clients });
    const pair =
      index % 2 === 0 ? { on: await on(), off: await off() } : { off: await off(), on: await on() };
    const text = ({ ordersPerSecond, cpuMsPerOrder }: Measured) =>
      `${ordersPerSecond.toFixed(1)} orders/s, CPU per order ${cpuMsPerOrder.services.toFixed(2)} ms of services, ${sumOf(cpuMsPerOrder).toFixed(2)} ms of all`;
    progress(`pair ${index + 1} of ${pairs}: ${of} on ${text(pair.on)}; off ${text(pair.off)}`);
    measured.push(pair);
  }
  return measured;
}

async function withoutTheirOwn<T>(work: () => Promise<T>): Promise<T> {
  const { client, instance } = meshSettings();
  const status = await client.status();
  if (status?.healthy !== true) throw new CommandFailed(`Mesh ${instance} is not up and healthy: ./mesh up`);
  try {
    for (const { name } of services) await client.act('stop', name);
    return await work();
  } finally {
    for (const { name } of services) await client.act('start', name);
  }
}

function lines(of: Switch, { pairs, throughput, servicesCpu, allCpu, cpuMsPerOrder }: Comparison): string[] {
  const told = ({ median, least, most }: Spread) =>
    `${median.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)})`;
  const row = (name: string, on: string, off: string) =>
    `  ${name.padEnd(22)}${on.padStart(8)}${off.padStart(8)}`;
  return [
    `${of} on ÷ off, median of ${pairs} pairs (least to most)`,
    `  orders per second     ${told(throughput)}`,
    `  CPU of the services   ${told(servicesCpu)}`,
    `  CPU of all parts      ${told(allCpu)}`,
    row('CPU per order, ms', 'on', 'off'),
    ...consumers.map((consumer) => {
      const { on, off } = cpuMsPerOrder[consumer];
      return row(consumer, on.toFixed(2), off.toFixed(2));
    }),
  ];
}

/** Adds the subcommand. */
export function registerTelemetryCost(bench: Command): void {
  bench
    .command('telemetry')
    .description('compare the mesh with a part of the services’ telemetry on and off')
    .argument('<part>', switchNames.join(', '))
    .option('--pairs <n>', 'pairs of runs', '6')
    .option('--orders <n>', 'orders in each run', '600')
    .option('--clients <n>', 'orders under way at the same time', '8')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  MESH_INSTANCE=2 ./mesh bench telemetry traces --pairs 6')
    .action(async (part: string, options: Options) => {
      const of = switchNames.find((name) => name === part);
      if (of === undefined) throw new UsageError(`<part> must be ${switchNames.join(', ')}, not "${part}"`);
      const pairs = positiveInteger('--pairs', options.pairs, 100);
      const orders = positiveInteger('--orders', options.orders, 100_000);
      const clients = positiveInteger('--clients', options.clients, 1000);
      process.on('SIGINT', () => interrupted.abort(new CommandFailed('Interrupted')));
      const measured = await withoutTheirOwn(() => measurePairs(of, pairs, orders, clients));
      const comparison = compare(measured);
      if (options.json === true) printJson({ part: of, orders, clients, ...comparison, measured });
      else print(...lines(of, comparison));
    });
}
