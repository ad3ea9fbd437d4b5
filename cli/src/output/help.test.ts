import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgram } from '../program.ts';
import { allOf, helpOf, wordsOf } from '../testing/commands.ts';
import { UsageError } from './errors.ts';
import { wrapped } from './output.ts';

test('the help of every command has an example and fits 100 columns', () => {
  for (const command of allOf(createProgram()).filter(({ parent }) => parent !== null)) {
    const text = helpOf(wordsOf(command));
    assert.match(text, /^Examples?:\n {2}\.\/mesh /m, wordsOf(command).join(' '));
    const long = text.split('\n').filter((line) => line.length > 100);
    assert.deepEqual(long, [], wordsOf(command).join(' '));
  }
});

test('help of a word that is no command says so, and which there are', () => {
  assert.throws(
    () => helpOf(['fault', 'sit']),
    (error) =>
      error instanceof UsageError &&
      error.message ===
        'There is no command "fault sit"; the commands here are set, list, clear, process, certificates, message',
  );
});

test('a long message is broken between words', () => {
  const text = wrapped(`mesh: ${'word '.repeat(40).trim()}\nshort`);
  assert.ok(text.split('\n').every((line) => line.length <= 100));
  assert.equal(text.replaceAll(/\s+/g, ' '), `mesh: ${'word '.repeat(40).trim()} short`);
  const address = `http://127.0.0.1:16686/${'a'.repeat(120)}`;
  assert.equal(wrapped(`see ${address}`), `see\n  ${address}`);
});
