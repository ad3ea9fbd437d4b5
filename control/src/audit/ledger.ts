/** The ledger: what clients were answered, a JSON line for each request. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/** One request and its answer. A key that was sent again has several lines. */
export const ledgerEntrySchema = Type.Object({
  /** Its `Idempotency-Key`. */
  key: Type.String({ minLength: 1 }),
  /** `null` when the answer names no order. */
  order_id: Type.Union([Type.Integer(), Type.Null()]),
  /** HTTP status of the answer; 0 when there was none. */
  status: Type.Integer(),
});

/** One request and its answer. */
export type LedgerEntry = Static<typeof ledgerEntrySchema>;

/** Thrown when a ledger cannot be read; the message names the line and the field. */
export class LedgerError extends Error {
  override readonly name: string = 'LedgerError';
}

/** Reads a ledger, further fields left out. Throws {@link LedgerError}. */
export function parseLedger(text: string): LedgerEntry[] {
  return text.split('\n').flatMap((line, index): LedgerEntry[] => {
    if (line.trim() === '') return [];
    const entry = parseLine(line, index + 1);
    if (!Value.Check(ledgerEntrySchema, entry)) {
      const [first] = Value.Errors(ledgerEntrySchema, entry);
      throw new LedgerError(
        `line ${index + 1}${first?.instancePath ?? ''} ${first?.message ?? 'is not an entry'}`,
      );
    }
    const { key, order_id, status } = entry;
    if (status === 201 && order_id === null) {
      throw new LedgerError(`line ${index + 1}/order_id must be a number where status is 201`);
    }
    return [{ key, order_id, status }];
  });
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new LedgerError(`line ${number} is not JSON`, { cause: error });
  }
}
