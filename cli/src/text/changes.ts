/** What was changed on a mesh, in words. */

import type { FaultAnswer, PolicyRecord } from '@microshop/control/changes/schemas';
import { effectsIn, type KeptFault } from '@microshop/topology';
import { folded } from '../output/output.ts';
import { durationText } from '../output/values.ts';

/** What a sentence about a fault is made of. */
type FaultFacts = KeptFault & Pick<FaultAnswer, 'expires_at'>;

/** What was changed, as it is shown. */
interface ChangeFacts {
  readonly faults: readonly FaultFacts[];
  readonly policyRecords: readonly PolicyRecord[];
}

/** What a fault does, each effect with its share of the calls: `50 % delayed by 300ms, 50 % answered 503`. */
export function effectOf(fault: FaultFacts): string {
  // a call is held first
  const heldFirst = effectsIn(fault).toSorted(
    (one, other) => Number(other.field.kind === 'duration') - Number(one.field.kind === 'duration'),
  );
  return heldFirst
    .map(({ field, value }) => {
      const { kind, effect } = field;
      const unit = kind === 'only' ? (field.unit ?? '') : '';
      const text = kind === 'duration' ? durationText(value) : `${value}${unit}`;
      return `${fault.percent} % ${effect.said} ${text}`;
    })
    .join(', ');
}

/** The same in a sentence: two halves could be taken for one. */
function effectsOf(fault: FaultFacts): string {
  const effects = effectOf(fault);
  return effects.includes(', ') && fault.percent < 100 ? `${effects}, each drawn independently` : effects;
}

/** When it ends. */
export function endOf({ expires_at: end }: FaultFacts, now = Date.now()): string {
  return end === null ? 'when cleared' : `in ${Math.max(0, Math.ceil((end - now) / 1000))} s`;
}

/** Where it is: `products`, or `products, replica 2`. */
export function placeOf({ service, replica }: Pick<KeptFault, 'service' | 'replica'>): string {
  return replica === null ? service : `${service}, replica ${replica}`;
}

/** `products for every caller: 30 % answered 503; ends in 20 s`. */
export function faultSentence(fault: FaultFacts, now = Date.now()): string {
  const { from, expires_at: end } = fault;
  const until = end === null ? 'until ./mesh fault clear' : `ends ${endOf(fault, now)}`;
  return `${placeOf(fault)} for ${from ?? 'every caller'}: ${effectsOf(fault)}; ${until}`;
}

/** The message after faults were cleared, of one service or of all; `when` follows if there were any. */
export function clearedSentence(cleared: number, service: string | undefined, when = ''): string {
  if (cleared === 0) return service === undefined ? 'No fault was set' : `No fault was set for ${service}`;
  return `${cleared} fault${cleared === 1 ? '' : 's'} cleared${when}`;
}

/** Head of what a stopped mesh keeps. */
export const keptHead = 'Kept for its next start:';

/** Faults and changed policies, a line each below a head; nothing when nothing is changed. */
export function changeLines(
  head: string,
  { faults, policyRecords }: ChangeFacts,
  now = Date.now(),
): string[] {
  const lines = [
    ...faults.map((fault) => `  fault   ${faultSentence(fault, now)}`),
    ...policyRecords.map(({ caller, callee, change }) => {
      const fields = Object.entries(change).map(([field, value]) => `${field} ${value}`);
      return `  policy  ${caller} → ${callee}: ${fields.join(', ')}; until ./mesh policy reset`;
    }),
  ];
  return lines.length === 0 ? [] : [head, ...lines.flatMap((line) => folded(line))];
}
