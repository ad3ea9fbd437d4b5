/** The ledger: what the shop answered to each order, for an audit to hold against the databases. */

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
}

/** Writes a line on k6's console, which `--console-output` with `--log-format raw` makes a file of JSON lines. */
export function writeLedgerLine(line: LedgerLine): void {
  console.log(JSON.stringify(line));
}
