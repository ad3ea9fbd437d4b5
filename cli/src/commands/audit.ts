/** `./mesh audit`: whether every order is accounted for. */

import { readFile } from 'node:fs/promises';
import { type LedgerEntry, LedgerError, parseLedger } from '@microshop/control/audit/ledger';
import { type Audit, type Invariant, longestSettleMs, outcomeOf } from '@microshop/control/audit/report';
import { NotRunningError } from '@microshop/native/supervision/supervisor-client';
import { whyUnreadable } from '@microshop/program-kit/errors';
import { UnreachableError } from '@microshop/program-kit/http-json';
import type { Command } from 'commander';
import { ClusterError } from '../cluster/errors.ts';
import { explanationOf, RunsInContainersError, runningControl } from '../mesh/running-mesh.ts';
import { columns } from '../output/columns.ts';
import { exitCodes, ProvedNothing, UsageError } from '../output/errors.ts';
import { folded, print, printJson, widest } from '../output/output.ts';
import { styled } from '../output/style.ts';
import { durationMs, durationText } from '../output/values.ts';

/** Ids shown for each invariant; `--json` has more. */
const shownIds = 10;

const colours = { OK: 'green', BROKEN: 'red', UNKNOWN: 'yellow' } as const;

/** Lines of an audit. */
export function auditLines(audit: Audit): string[] {
  const { orders } = audit;
  const counts = [
    ['attempted', audit.attempted],
    ['acknowledged', audit.acknowledged],
    ['lost', audit.lost],
    ['doubled', audit.doubled],
    ['unexpected', audit.unexpected],
    ['oversold', audit.oversold],
    ['stuck', audit.stuck],
    ['left in outbox', audit.left_in_outbox],
    ['in DLQ', audit.in_dlq],
  ] as const;
  const withLedger = ['attempted', 'acknowledged', 'lost'];
  const unknown = (name: string) =>
    audit.attempted === null && withLedger.includes(name) ? '(no ledger)' : '(unknown)';
  const rows = counts.map(([name, count]) => [name, count === null ? unknown(name) : String(count)]);
  const seconds = (audit.waited_ms / 1000).toFixed(1);
  const read = audit.dead_letters.length;
  const unreadLetters = (audit.in_dlq ?? 0) - read;
  return [
    `${
      orders.total === null
        ? 'orders could not be counted'
        : `${orders.total} order${orders.total === 1 ? '' : 's'}: ${orders.confirmed} confirmed, ${orders.rejected} rejected, ${orders.pending} pending`
    }; ${audit.settled ? `settled after ${seconds} s` : `not settled after ${seconds} s`}`,
    '',
    ...columns(['what', 'count'], rows, ['count']).map((line) => `  ${line}`),
    '',
    ...audit.invariants.flatMap(invariantLines),
    ...(unreadLetters > 0
      ? [`  ${unreadLetters} dead letters were not read; ./mesh dlq list reads them`]
      : []),
    ...audit.dead_letters
      .slice(0, shownIds)
      .flatMap(({ id, queue, type, reason }) =>
        folded(`  dead letter: ${type ?? 'no type'} ${id} from ${queue}: ${reason}`),
      ),
  ];
}

function invariantLines({
  id,
  says,
  verdict,
  why,
  broken_count: count,
  broken_by: ids,
}: Invariant): string[] {
  const shown = Math.min(shownIds, ids.length);
  const more =
    count > shown ? [`       and ${count - shown} more (--json names the first ${ids.length})`] : [];
  return [
    ...folded(
      `${id.padEnd(4)} ${styled(colours[verdict], verdict.padEnd(8))} ${says}${why === '' ? '' : ` (${why})`}`,
      widest,
      ' '.repeat(14),
    ),
    ...ids.slice(0, shownIds).flatMap((text) => folded(`       ${text}`)),
    ...more,
  ];
}

/** 1 when an invariant is broken; 3 when it did not settle or could not be read; else 0. */
export function auditExitCode(audit: Audit): number {
  return { held: exitCodes.done, broken: exitCodes.failed, unproven: exitCodes.unproven }[outcomeOf(audit)];
}

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

/** What the control service found. Throws `ProvedNothing` when it cannot be asked: that breaks no invariant. */
async function auditOf(settleMs: number, ledger: readonly LedgerEntry[] | undefined): Promise<Audit> {
  try {
    return await (await runningControl()).audit(settleMs, ledger);
  } catch (error) {
    const nobody = [UnreachableError, NotRunningError, RunsInContainersError, ClusterError];
    if (!nobody.some((kind) => error instanceof kind)) throw error;
    throw new ProvedNothing(`The audit cannot tell: ${await explanationOf(error)}`, { cause: error });
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
    .option('--settle <duration>', 'how long to wait for events that are still on their way', '15s')
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
