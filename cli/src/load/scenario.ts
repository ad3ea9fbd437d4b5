/** Runs a k6 scenario through `load-tests/run.sh`, which the k6 container runs as well: same files, same exit codes. */

import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { MeshAddresses } from '@microshop/program-kit/addresses';
import { gatewayTrustFile } from '@microshop/program-kit/gateway-trust';
import { certificatesIn, repositoryRoot } from '@microshop/program-kit/run-directory';
import { CommandFailed } from '../output/errors.ts';
import { loadToken } from './sign-in.ts';

const scripts = path.join(repositoryRoot, 'load-tests');

/** Names of the scenarios: each is a file. None where the checkout is not whole, as in the container of the command. */
export function scenarioNames(): string[] {
  if (!existsSync(path.join(scripts, 'run.sh'))) return [];
  return readdirSync(scripts)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.basename(file, '.ts'));
}

/** What to run, and where. */
export interface ScenarioRun {
  readonly scenario: string;
  /** Orders per second. */
  readonly rate: number | undefined;
  /** Length of what is measured, whole seconds. */
  readonly seconds: number | undefined;
  /** Path of k6. */
  readonly k6: string;
  readonly addresses: MeshAddresses;
  /** Directory that gets the report, the ledger and the summary. */
  readonly reports: string;
  /** Where the summary's text goes. */
  readonly summary: 'inherit' | 'ignore';
  /** Where progress goes: standard error, or nowhere. */
  readonly progress?: 'ignore';
  /** Further settings of the scenario, as docs/load.md names them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Ends the run early; one that is aborted already begins none. */
  readonly signal?: AbortSignal;
}

/** Runs it; resolves with the exit code of a command: 0 PASS, 1 FAIL, 2 wrong usage, 3 INVALID. */
export async function runScenario(run: ScenarioRun): Promise<number> {
  // imported on demand: other commands do not need it
  const { execa } = await import('execa');
  // an event listener misses a signal that was already aborted: k6 would run to its end
  run.signal?.throwIfAborted();
  const args = [
    ...(run.rate === undefined ? [] : ['--rate', String(run.rate)]),
    ...(run.seconds === undefined ? [] : ['--duration', `${run.seconds}s`]),
  ];
  const token = await loadToken(run.addresses);
  const child = execa('/bin/sh', [path.join(scripts, 'run.sh'), run.scenario, ...args], {
    env: {
      ...run.settings,
      K6: run.k6,
      REPORTS: run.reports,
      GATEWAY: run.addresses.gateway,
      ...(token === undefined ? {} : { TOKEN: token }),
      // k6 has no setting for it: this is of Go
      ...(run.addresses.gateway.startsWith('https:')
        ? { SSL_CERT_FILE: gatewayTrustFile(certificatesIn()) }
        : {}),
      K6_PROMETHEUS_RW_SERVER_URL: `${run.addresses.prometheus}/api/v1/write`,
    },
    stdin: 'ignore',
    stdout: run.summary,
    // on a terminal k6 draws its progress; in a log, one line per second would bury everything else
    stderr: run.progress ?? (process.stderr.isTTY ? 'inherit' : [progressLines(), 'inherit']),
    buffer: false,
    reject: false,
  });
  // Ctrl-C reaches k6 by itself; this process stays until the summary is there
  const stay = () => undefined;
  const pass = () => child.kill('SIGTERM');
  process.on('SIGINT', stay).on('SIGTERM', pass);
  run.signal?.addEventListener('abort', pass, { once: true });
  try {
    const { exitCode, cause } = await child;
    if (exitCode === undefined) throw cause ?? new Error('run.sh did not end');
    return exitCode;
  } finally {
    process.off('SIGINT', stay).off('SIGTERM', pass);
    run.signal?.removeEventListener('abort', pass);
  }
}

/**
 * The summary of a run with where its files are; `null` for a file the run did not get to.
 * Throws `CommandFailed` when k6 wrote no summary; k6 has then said why.
 */
export async function summaryOf(reports: string): Promise<Record<string, unknown>> {
  const file = (name: string): string | null => {
    const found = path.join(reports, name);
    return existsSync(found) ? found : null;
  };
  const found = file('summary.json');
  if (found === null) throw new CommandFailed('k6 wrote no summary; its own message is above');
  const summary: Record<string, unknown> = JSON.parse(await readFile(found, 'utf8'));
  return { ...summary, report: file('report.html'), ledger: file('ledger.jsonl') };
}

/** Time between two lines of progress, milliseconds. */
const everyMs = 5000;

/** Lines of k6 about the state of its scenarios; `running (…` says the same for all of them. */
const scenarioState = /^\S+ +[•✓✗]? *\[ +\d+% \]|^Init +\[/;

/** A line transform: drops progress that comes too often and the lines around it, keeps everything else. */
export function progressLines(now: () => number = () => performance.now()) {
  let printedAt = Number.NEGATIVE_INFINITY;
  return function* keep(line: unknown): Generator<unknown> {
    if (typeof line !== 'string') return yield line;
    if (line.trim() === '' || scenarioState.test(line)) return;
    if (!line.startsWith('running (')) return yield line;
    if (now() - printedAt < everyMs) return;
    printedAt = now();
    yield line;
  };
}
