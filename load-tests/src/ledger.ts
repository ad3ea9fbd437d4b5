/** The ledger: what the shop answered to each order, for an audit to hold against the databases. */
import type { FailureCode } from './contract.ts';

/** One order that was sent. */
export interface LedgerLine {
  /** Its `Idempotency-Key`. */
  readonly key: string;
  /** Absent (`null`) when the answer names none. */
  readonly order_id: number | null;
  /** HTTP status of the answer; 0 when there was none. 201 is the shop's promise. */
  readonly status: number;
  /** Trace of the answer; empty when there was none. */
  readonly trace_id: string;
  /** When the order was sent, milliseconds since the epoch. */
  readonly t: number;
  /** From sending it to its answer, without the time to connect, milliseconds. */
  readonly ms: number;
  /** Why it failed; absent when it was accepted. */
  readonly code?: FailureCode;
}

/** Writes a line on k6's console, which `--console-output` with `--log-format raw` makes a file of JSON lines. */
export function writeLedgerLine(line: LedgerLine): void {
  console.log(JSON.stringify(line));
}
