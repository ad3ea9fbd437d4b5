/** `./mesh load`: a k6 scenario against the running mesh. */
import path from 'node:path';
import type { MeshAddresses } from '@microshop/program-kit/addresses';
import { requestJson } from '@microshop/program-kit/http-json';
import { runStamp } from '@microshop/program-kit/run-directory';
import { namedCluster } from '@microshop/program-kit/typed-here';
import type { Command } from 'commander';
import { k6Program } from '../load/k6.ts';
import { runScenario, scenarioNames, summaryOf } from '../load/scenario.ts';
import { explanationOf, runningMesh } from '../mesh/running-mesh.ts';
import { meshSettings } from '../mesh/settings.ts';
import { exitCodes, ProvedNothing, UsageError } from '../output/errors.ts';
import { printJson } from '../output/output.ts';
import { wholeNumber, wholeSeconds } from '../output/values.ts';

/** Highest rate that can be asked for, orders per second. The scripts have the same limit; they are absent in containers. */
export const highestRate = 10_000;

/** How long the gateway may take to answer before a run begins, milliseconds; its own limit is 4 s. */
const answerLimitMs = 5000;

const help = `
Settings (environment): P95_MS, P99_MS limits on the time an order takes; FOLLOW share of orders
followed to their end; PRODUCTS, STOCK; VUS virtual users at most. docs/load.md says what each
scenario shows.

Exit code: 0 PASS, 1 FAIL (a threshold is broken), 2 wrong usage, 3 INVALID (the run proved nothing,
also when no shop answers).

Example:
  ./mesh load steady --rate 20 --duration 30s`;

/** The mesh to run against. Throws when its shop does not answer: a run would prove nothing. */
async function shopThatAnswers(): Promise<MeshAddresses> {
  try {
    const addresses = await runningMesh();
    await requestJson('gateway', 'GET', `${addresses.gateway}/api/products?limit=1`, {
      limitMs: answerLimitMs,
    });
    return addresses;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new ProvedNothing(`INVALID: ${await explanationOf(error)}`, { cause: error });
  }
}

/** `20261125T040512Z-steady`: sorts by time. */
function runName(scenario: string): string {
  return `${runStamp()}-${scenario}`;
}

interface LoadOptions {
  readonly rate?: string;
  readonly duration?: string;
  readonly json?: boolean;
}

/** Adds the command to the program. */
export function registerLoad(program: Command): void {
  const names = scenarioNames();
  program
    .command('load')
    .description('run a k6 scenario against the running mesh; the exit code is the verdict')
    .argument('<scenario>', names.join(', '))
    .option('--rate <n>', 'orders started per second; of a ramp, in its last step')
    .option('--duration <duration>', 'length of what is measured, like 30s or 2m')
    .option('--json', 'print one JSON document')
    .addHelpText('after', help)
    .action(async (scenario: string, { json = false, ...options }: LoadOptions) => {
      if (names.length === 0) {
        throw new UsageError(
          'There are no k6 scripts here; in containers: docker compose run --rm k6 <scenario>',
        );
      }
      if (!names.includes(scenario)) {
        throw new UsageError(`There is no scenario "${scenario}"; the scenarios are ${names.join(', ')}`);
      }
      const rate =
        options.rate === undefined ? undefined : wholeNumber('--rate', options.rate, 1, highestRate);
      const seconds =
        options.duration === undefined ? undefined : wholeSeconds('--duration', options.duration);
      if (namedCluster() !== undefined) {
        // imported on demand: other commands do not need the Kubernetes client
        const { loadInCluster } = await import('../cluster/load.ts');
        process.exitCode = await loadInCluster({ scenario, rate, seconds, json });
        return;
      }
      const addresses = await shopThatAnswers();
      const k6 = await k6Program();
      const reports = path.join(meshSettings().directory.loads, runName(scenario));
      const summary = json ? 'ignore' : 'inherit';
      process.exitCode = await runScenario({ scenario, rate, seconds, k6, addresses, reports, summary });
      if (json && process.exitCode !== exitCodes.usage) printJson(await summaryOf(reports));
    });
}
