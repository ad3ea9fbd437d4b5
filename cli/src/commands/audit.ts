/** `./mesh audit`: whether every order is accounted for. */
import { readFile } from 'node:fs/promises';
import { type LedgerEntry, LedgerError, parseLedger } from '@microshop/control/audit/ledger';
import type { Audit } from '@microshop/control/audit/report';
import { longestSettleMs } from '@microshop/control/audit/routes';
import { NotRunningError } from '@microshop/native/supervision/supervisor-client';
import { whyUnreadable } from '@microshop/program-kit/errors';
import { UnreachableError } from '@microshop/program-kit/http-json';
import type { Command } from 'commander';
import { RunsInContainersError, runningControl, toldOf } from '../mesh/running-mesh.ts';
import { durationMs, durationText } from '../output/durations.ts';
import { ProvedNothing, UsageError } from '../output/errors.ts';
import { print, printJson } from '../output/output.ts';
import { auditExitCode, auditLines } from '../text/audit.ts';

interface AuditOptions {
  readonly ledger?: string;
  readonly settle: string;
  readonly json?: boolean;
}

async function ledgerIn(file: string) {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--ledger ${file} cannot be read: ${whyUnreadable(error)}`, { cause: error });
  });
  try {
    return parseLedger(text);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new UsageError(`--ledger ${file}, ${error.message}`, { cause: error });
  }
}

/** What the control service found. Throws `ProvedNothing` when nobody is there to look: that is no broken invariant. */
async function auditOf(settleMs: number, ledger: readonly LedgerEntry[] | undefined): Promise<Audit> {
  try {
    return await (await runningControl()).audit(settleMs, ledger);
  } catch (error) {
    const nobody = [UnreachableError, NotRunningError, RunsInContainersError];
    if (!nobody.some((kind) => error instanceof kind)) throw error;
    throw new ProvedNothing(`The audit cannot tell: ${await toldOf(error)}`, { cause: error });
  }
}

/** Adds the command to the program. */
export function registerAudit(program: Command): void {
  program
    .command('audit')
    .description(
      'reconcile orders, stock, outboxes and dead letters; exit code 1 when an invariant is broken, 3 when it cannot tell',
    )
    .option('--ledger <file>', 'JSON lines {key, order_id, status} of what clients were answered')
    .option('--settle <duration>', 'how long events on their way may take to come to rest', '15s')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  ./mesh audit --settle 30s')
    .action(async (options: AuditOptions) => {
      const settleMs = durationMs('--settle', options.settle);
      if (settleMs > longestSettleMs)
        throw new UsageError(
          `--settle can be ${durationText(longestSettleMs)} at most, not "${options.settle}"`,
        );
      const ledger = options.ledger === undefined ? undefined : await ledgerIn(options.ledger);
      const audit = await auditOf(Math.round(settleMs), ledger);
      process.exitCode = auditExitCode(audit);
      if (options.json === true) printJson(audit);
      else print(...auditLines(audit));
    });
}
