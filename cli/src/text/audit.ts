/** An audit for people. */

import { type Audit, type Invariant, outcomeOf } from '@microshop/control/audit/report';
import { columns } from '../output/columns.ts';
import { exitCodes } from '../output/errors.ts';
import { folded, widest } from '../output/output.ts';
import { styled } from '../output/style.ts';

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
