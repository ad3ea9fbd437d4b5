/** The audit, as every test of durability ends with it. */
import type { Bought } from './buyer.ts';
import { askControl } from './control.ts';
import { type AuditAnswer, assertFindsNothing } from './sound.ts';

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
  assertFindsNothing(audit);
  return audit;
}
