/** What the buyers have left who come beside the usual load: those of a sale and of a surge. */
import { type Answer, isOfTime, readAnswers } from './answers.ts';
import type { Course } from './course.ts';
import type { Fault } from './definition.ts';
import { furtherLedgers } from './load-left.ts';
import { surgeAnswers } from './surge.ts';

/** What they have left. */
export interface FurtherLoad {
  /** All that they were answered, as an audit is given it. */
  readonly ledger: string;
  /** Their requests: each has a trace, which Jaeger keeps in place of an earlier one. */
  readonly answers: readonly Answer[];
  /** Answers in a sale that no sale explains. */
  readonly wrong: readonly Answer[];
}

/** Reads it from the directory of the run. */
export async function furtherLoad(
  fault: Fault,
  { timeline, interrupted }: Pick<Course, 'timeline' | 'interrupted'>,
  directory: string,
): Promise<FurtherLoad> {
  const ledgers = await furtherLedgers(directory);
  const surge =
    fault.kind === 'surge' && interrupted === null ? await surgeAnswers(directory, timeline.fault.to) : [];
  const sale = readAnswers(ledgers.sale);
  return {
    ledger: `${ledgers.sale}${ledgers.surge}`,
    answers: [...surge, ...sale],
    wrong: sale.filter(isWrong),
  };
}

/** As many come to a sale as the shop can just serve: a failure counts that a lack of time or of stock does not explain. */
function isWrong({ status, code = 'other' }: Answer): boolean {
  return status !== 201 && code !== 'not_enough_stock' && !isOfTime(code);
}
