import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { dropCommand, replayCommand, retryCommand } from './message-command.ts';

/** The words that a shell makes of it. */
function words(command: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

test('a plain id stands as it is', () => {
  assert.equal(replayCommand('sha256:0af7651916cd43dd'), 'dlq replay sha256:0af7651916cd43dd');
  assert.equal(retryCommand(7), 'outbox retry 7');
});

test('whatever an id or a reason holds is one word, and never an option', () => {
  const id = "it's; $(rm -r x) `y`";
  assert.deepEqual(words(replayCommand(id)), ['dlq', 'replay', id]);
  assert.deepEqual(words(replayCommand('--all')), ['dlq', 'replay', '--', '--all']);
  assert.deepEqual(words(dropCommand('-1', 'product withdrawn')), [
    ...['dlq', 'drop', '--reason', 'product withdrawn'],
    ...['--', '-1'],
  ]);
});
