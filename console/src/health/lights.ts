/** The invariants as lights: those that an audit judges, and those that figures show. */
import type { LiveInvariant } from '@microshop/control/audit/live';
import { auditedInvariants, type LastAudit } from '@microshop/control/audit/report';

/** How a light looks: a sign and a word beside the colour. */
export const looks = {
  OK: { sign: '✓', word: 'holds', health: 'well' },
  BROKEN: { sign: '✗', word: 'broken', health: 'bad' },
  UNKNOWN: { sign: '?', word: 'not known', health: 'idle' },
} as const;

/** One invariant. */
export interface Light {
  readonly id: string;
  readonly says: string;
  readonly verdict: keyof typeof looks;
  /** Why it is not known; empty otherwise. */
  readonly why: string;
  /** The first things that break it. */
  readonly brokenBy: readonly string[];
}

/** All of them, in the order of the contract; `live` is undefined until it has been read. */
export function lightsOf(last: LastAudit['last'], live: readonly LiveInvariant[] | undefined): Light[] {
  const audited = Object.entries(auditedInvariants).map(([id, says]): Light => {
    const judged = last?.audit.invariants.find((one) => one.id === id);
    if (judged === undefined) {
      return { id, says, verdict: 'UNKNOWN', why: 'it has not been audited yet', brokenBy: [] };
    }
    const { verdict, why, broken_by: brokenBy } = judged;
    return { id, says, verdict, why, brokenBy };
  });
  const shown = (live ?? []).map(
    ({ id, says, verdict, why, broken_by: brokenBy }): Light => ({ id, says, verdict, why, brokenBy }),
  );
  return [...audited, ...shown];
}
