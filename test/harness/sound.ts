/** What an audit answers, and what all of it must be where nothing is lost, doubled, oversold, stuck or dead; however it is asked. */
import assert from 'node:assert/strict';

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

/** Asserts that an audit with a ledger finds nothing wrong. */
export function assertFindsNothing(audit: AuditAnswer): void {
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
}
