import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../output/errors.ts';
import { createProgram } from '../program.ts';
import { testGroups } from './test.ts';

/** Runs the command, which must refuse before anything is run. */
async function refused(...words: readonly string[]): Promise<UsageError> {
  const running = createProgram().parseAsync(['test', ...words], { from: 'user' });
  const error: unknown = await running.then(
    () => assert.fail(`test ${words.join(' ')} ran`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof UsageError, String(error));
  return error;
}

test('a group that does not exist is refused with the names of those that do', async () => {
  const names = testGroups.map(({ name }) => name).join(', ');
  assert.equal((await refused('unti')).message, `There is no group "unti"; the groups are ${names}`);
  assert.match((await refused('kubernetes-full')).message, /^There is no group "kubernetes-full"/);
});

test('--full without a group, or with one that has no more tests, is refused with the group that has some', async () => {
  const others = testGroups.map(({ name }) => name).filter((name) => name !== 'kubernetes');
  for (const words of [[], ...others.map((name) => [name])]) {
    const { message } = await refused(...words, '--full');
    assert.match(message, /: \.\/mesh test kubernetes --full$/, words.join(' '));
  }
});

test('--only and --times without a group, or with one that has no files, are refused, and so is a number that is none', async () => {
  for (const words of [[], ['lint'], ['types']]) {
    for (const option of [
      ['--only', 'load'],
      ['--times', '10'],
    ]) {
      const { message } = await refused(...words, ...option);
      assert.match(message, /need one group with test files: /, [...words, ...option].join(' '));
    }
  }
  assert.match(
    (await refused('e2e', '--times', '0')).message,
    /^--times must be a whole number from 1 to 1000, not "0"/,
  );
});
