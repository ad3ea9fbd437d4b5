/** The whole command line for tests that are about every command. */
import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { isOfLaboratory } from '../laboratory.ts';
import { createProgram } from '../program.ts';

/** The command and all below it that are this package's: of the laboratory's there are only names here. */
export function allOf(command: Command): Command[] {
  return [command, ...command.commands.filter((one) => !isOfLaboratory(one.name())).flatMap(allOf)];
}

/** The words that call it: `fault`, `set`. */
export function wordsOf(command: Command): string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

/** What the arguments of all commands can be, by their names. */
const given: Readonly<Record<string, string>> = {
  service: 'products',
  caller: 'orders',
  callee: 'products',
  part: 'users',
  scenario: 'smoke',
  name: 'users',
  file: 'mine.yaml',
  'order id': '1',
};

/** Something for each argument it cannot do without. */
export function argumentsOf(command: Command): string[] {
  return command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => given[argument.name()] ?? assert.fail(`nothing for <${argument.name()}>`));
}

/** What a command prints as help. */
export function helpOf(words: readonly string[], program = createProgram()): string {
  const { write } = process.stdout;
  let text = '';
  process.stdout.write = (some) => {
    text += String(some);
    return true;
  };
  try {
    program.parse(['help', ...words], { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
  return text;
}
