/** A fault as the book keeps it, for tests. */
import { noHits } from '../fault-book.ts';
import type { FaultRecord } from '../schemas.ts';

/** Every call to users is answered 503, since the epoch and without an end, unless `changes` says otherwise. */
export function faultRecord(changes: Partial<FaultRecord> = {}): FaultRecord {
  return {
    service: 'users',
    from: null,
    abort: 503,
    delay_ms: null,
    replace_answer: null,
    slow_answer: null,
    replica: null,
    percent: 100,
    set_at: 0,
    expires_at: null,
    counted: noHits,
    since: {},
    ...changes,
  };
}
