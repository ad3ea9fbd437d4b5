/** Messages that go wrong and become dead letters, asked of the control service as the command and the page ask it. */
import assert from 'node:assert/strict';
import type { DeadLetter, Selection } from '@microshop/control/dead-letters/schemas';
import type { MadeMessage, PoisonKind } from '@microshop/control/messages/schemas';
import type { ServiceName } from '@microshop/topology';
import { askControl } from './control.ts';
import { mesh } from './mesh.ts';

/** Sends that service a message that it can never handle; as which dead letter it is kept. */
export async function poisoned(poison: PoisonKind, to: ServiceName = 'products'): Promise<string> {
  const { status, text } = await askControl('POST', '/api/messages', { kind: 'poison', poison, to });
  assert.equal(status, 201, text);
  const { letter_id: letterId }: MadeMessage = JSON.parse(text);
  assert.ok(letterId !== null, text);
  return letterId;
}

/** The dead letters there are now. */
export async function deadLetters(): Promise<readonly DeadLetter[]> {
  const answer = await fetch(new URL('/api/dead-letters', mesh.control));
  const { dead_letters: letters }: { dead_letters: DeadLetter[] } = JSON.parse(await answer.text());
  return letters;
}

/** Removes those dead letters for good. */
export async function dropLetters(which: Selection): Promise<void> {
  const chosen = which === 'all' ? { all: true } : { ids: which };
  const asked = { ...chosen, reason: 'Dropped by a test' };
  const { status, text } = await askControl('POST', '/api/dead-letters/drop', asked);
  assert.equal(status, 200, text);
}
