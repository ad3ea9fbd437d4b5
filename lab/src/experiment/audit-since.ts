/** What an audit found that another one before it had not. */
import type { Audit, Invariant } from '@microshop/control/audit/report';

/**
 * The later audit, without what was broken before. One that did not settle, although everything could be read, says that I4 is broken:
 * what a fault has held up must go on once it is over.
 */
export function auditSince(before: Audit, after: Audit): Audit {
  const invariants = after.invariants.map((found): Invariant => {
    const known = before.invariants.find(({ id }) => id === found.id);
    if (found.id === 'I4' && isHeldUp(after)) return heldUp(found, after.waited_ms);
    if (found.verdict !== 'BROKEN') return found;
    if (!isNew(found, known)) return { ...found, verdict: 'OK', broken_count: 0, broken_by: [] };
    const fresh = found.broken_by.filter((name) => known?.broken_by.includes(name) !== true);
    // of more findings than an audit names, a new one may be unnamed
    return fresh.length === 0 ? found : { ...found, broken_by: fresh };
  });
  return { ...after, invariants };
}

/** Whether something is still on its way, and not merely unread. */
export function isHeldUp({ settled, unread }: Pick<Audit, 'settled' | 'unread'>): boolean {
  return !settled && unread.length === 0;
}

function heldUp(found: Invariant, waitedMs: number): Invariant {
  const by = `not settled ${(waitedMs / 1000).toFixed(0)} s after the load: ${found.why || 'something is still on its way'}`;
  return { ...found, verdict: 'BROKEN', why: '', broken_count: 1, broken_by: [by] };
}

function isNew(found: Invariant, before: Invariant | undefined): boolean {
  const known = new Set(before?.broken_by);
  return found.broken_count > (before?.broken_count ?? 0) || found.broken_by.some((name) => !known.has(name));
}
