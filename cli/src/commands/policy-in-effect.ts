/** What fails a command about policies although it was done: a change that is ignored, or not yet in effect. */
import type { PolicyList } from '@microshop/control/changes/schemas';
import { notInForce, statusIfAnswered } from '../mesh/running-mesh.ts';
import { CommandFailed } from '../output/errors.ts';

/** Throws `CommandFailed` when a change is ignored or not yet in effect. */
export async function failUnlessInEffect({
  problems,
  waiting_for: waiting,
}: Pick<PolicyList, 'problems' | 'waiting_for'>): Promise<void> {
  const sentences = [
    ...problems.map((problem) => `Ignored: ${problem}`),
    ...(waiting.length === 0 ? [] : [notInForce(waiting, await statusIfAnswered())]),
  ];
  if (sentences.length > 0) throw new CommandFailed(sentences.join('\n'));
}
