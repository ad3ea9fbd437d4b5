/**
 * What telemetry costs: places orders on a running mesh with a part of the services' telemetry on and off in turn.
 *
 *     MESH_INSTANCE=2 ./mesh up --detach
 *     MESH_INSTANCE=2 npm run cost -w @microshop/lab -- traces --pairs 6
 *
 * The services of that mesh are stopped meanwhile and run here instead; the Envoys trace all the time.
 */
import { services } from '@microshop/topology';
import { Command, CommanderError } from 'commander';
import { meshAddresses } from '../addresses.ts';
import { CommandFailed, exitCodes, messageOf, UsageError } from '../cli/errors.ts';
import { positiveInteger } from '../cli/numbers.ts';
import { print, printJson, progress } from '../cli/output.ts';
import { asUsage, meshSettings } from '../cli/settings.ts';
import { startApps } from './apps.ts';
import { type Comparison, compare, type Measured, type Pair, type Spread } from './compare.ts';
import { placeOrders } from './orders.ts';
import { type Switch, switches, switchNames } from './switches.ts';

interface Options {
  readonly pairs: string;
  readonly orders: string;
  readonly clients: string;
  readonly json?: boolean;
}

/** Orders placed before the measured ones, as a share of these: the services' code must be compiled. */
const warmUpShare = 0.5;

/** Share of refused orders above which a run says nothing. */
const mostRefused = 0.02;

async function measure(
  extra: Readonly<Record<string, string>>,
  orders: number,
  clients: number,
): Promise<Measured> {
  const { gateway } = asUsage(() => meshAddresses());
  const apps = await startApps(meshSettings().placement(), extra);
  try {
    await placeOrders(gateway, Math.ceil(orders * warmUpShare), clients);
    const before = await apps.cpuSeconds();
    const run = await placeOrders(gateway, orders, clients);
    const cpuSeconds = (await apps.cpuSeconds()) - before;
    if (run.refused > orders * mostRefused) {
      throw new CommandFailed(
        `${run.refused} of ${orders} orders were refused: the machine has too much to do`,
      );
    }
    return {
      ordersPerSecond: run.accepted / run.endingSeconds,
      cpuMsPerOrder: (cpuSeconds * 1000) / run.accepted,
    };
  } finally {
    await apps.stop();
  }
}

/** The pairs, each in the other order than the one before: A B, B A, A B. */
async function measurePairs(of: Switch, pairs: number, orders: number, clients: number): Promise<Pair[]> {
  const measured: Pair[] = [];
  for (let index = 0; index < pairs; index += 1) {
    const on = () => measure({}, orders, clients);
    const off = () => measure(switches[of], orders, clients);
    const pair =
      index % 2 === 0 ? { on: await on(), off: await off() } : { off: await off(), on: await on() };
    const text = ({ ordersPerSecond, cpuMsPerOrder }: Measured) =>
      `${ordersPerSecond.toFixed(1)} orders/s, ${cpuMsPerOrder.toFixed(2)} ms CPU per order`;
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

function lines(of: Switch, { pairs, throughput, cpu }: Comparison): string[] {
  const told = ({ median, least, most }: Spread) =>
    `${median.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)})`;
  return [
    `${of} on ÷ off, median of ${pairs} pairs (least to most)`,
    `  orders per second   ${told(throughput)}`,
    `  by CPU per order    ${told(cpu)}`,
  ];
}

const program = new Command('cost')
  .description('compare the mesh with a part of the services’ telemetry on and off')
  .argument('<part>', switchNames.join(', '))
  .option('--pairs <n>', 'pairs of runs', '6')
  .option('--orders <n>', 'orders in each run', '400')
  .option('--clients <n>', 'orders under way at the same time', '8')
  .option('--json', 'print one JSON document')
  .exitOverride()
  .action(async (part: string, options: Options) => {
    const of = switchNames.find((name) => name === part);
    if (of === undefined) throw new UsageError(`<part> must be ${switchNames.join(', ')}, not "${part}"`);
    const pairs = positiveInteger('--pairs', options.pairs, 100);
    const orders = positiveInteger('--orders', options.orders, 100_000);
    const clients = positiveInteger('--clients', options.clients, 1000);
    const measured = await withoutTheirOwn(() => measurePairs(of, pairs, orders, clients));
    const comparison = compare(measured);
    if (options.json === true) printJson({ part: of, orders, clients, ...comparison, measured });
    else print(...lines(of, comparison));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else {
    progress(`cost: ${messageOf(error)}`);
    process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}
