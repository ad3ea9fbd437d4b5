/** The audit, as every test of durability ends with it. */
import assert from 'node:assert/strict';
import type { Bought } from './buyer.ts';
import { askControl } from './control.ts';

/** An audit as `./mesh audit --json` prints it. */
export interface AuditAnswer {
  readonly settled: boolean;
  readonly waited_ms: number;
  readonly orders: { readonly total: number; readonly pending: number; readonly confirmed: number };
  readonly attempted: number | null;
  readonly acknowledged: number | null;
  readonly lost: number | null;
  readonly doubled: number;
  readonly unexpected: number;
  readonly oversold: number;
  readonly stuck: number;
  readonly left_in_outbox: number;
  readonly in_dlq: number;
  readonly ids: Readonly<Record<string, readonly string[]>>;
  readonly dead_letters: readonly {
    readonly id: string;
    readonly queue: string;
    readonly order_id: number | null;
    readonly reason: string;
    readonly trace_id: string | null;
  }[];
  readonly invariants: readonly { readonly id: string; readonly verdict: string; readonly why: string }[];
}

/** How long events that are on their way are waited for unless the test says otherwise, milliseconds. */
const usualSettleMs = 60_000;

/** Audits what those buyers were answered; settles for at most `settleMs` milliseconds. */
export async function auditOf(bought: readonly Bought[], settleMs = usualSettleMs): Promise<AuditAnswer> {
  const ledger = bought.flatMap(({ lines }) =>
    lines.map(({ key, order_id, status }) => ({ key, order_id, status })),
  );
  const asked = { settle_ms: settleMs, ledger };
  const { status, text } = await askControl('POST', '/api/audit', asked, settleMs + 60_000);
  if (status !== 200) throw new Error(`POST /api/audit: ${status} ${text}`);
  const answer: AuditAnswer = JSON.parse(text);
  return answer;
}

/** Audits, and asserts that nothing is lost, doubled, oversold, stuck or dead, within `settleMs` milliseconds. */
export async function assertSound(bought: readonly Bought[], settleMs = usualSettleMs): Promise<AuditAnswer> {
  const audit = await auditOf(bought, settleMs);
  const { lost, doubled, unexpected, oversold, stuck, in_dlq, left_in_outbox, ids, dead_letters } = audit;
  assert.deepEqual(
    { lost, doubled, unexpected, oversold, stuck, in_dlq, left_in_outbox },
    { lost: 0, doubled: 0, unexpected: 0, oversold: 0, stuck: 0, in_dlq: 0, left_in_outbox: 0 },
    JSON.stringify({ ids, dead_letters }),
  );
  assert.deepEqual(
    audit.invariants.map(({ id, verdict, why }) => `${id} ${verdict} ${why}`.trim()),
    ['I1 OK', 'I2 OK', 'I3a OK', 'I3b OK', 'I4 OK'],
  );
  return audit;
}
