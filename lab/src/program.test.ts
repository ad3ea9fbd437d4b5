import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { isOfLaboratory, laboratoryCommands } from '@microshop/cli/laboratory';
import { helpOf, wordsOf } from '@microshop/cli/testing/commands';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import type { Command } from 'commander';
import { execa } from 'execa';
import { createWholeProgram } from './program.ts';

const withAll = (command: Command): Command[] => [command, ...command.commands.flatMap(withAll)];
const ours = () =>
  createWholeProgram()
    .commands.filter((one) => isOfLaboratory(one.name()))
    .flatMap(withAll);

test('in a container experiments have their help, with examples as they are typed there, and a bench has none', () => {
  process.env['MESH_MODE'] = 'compose';
  try {
    for (const command of ours()) {
      const words = wordsOf(command);
      if (words[0] === 'bench') {
        assert.throws(() => helpOf(words, createWholeProgram()), /works on the host, not in a container/);
        continue;
      }
      const text = helpOf(words, createWholeProgram());
      assert.match(text, /^Usage: docker compose run --rm mesh /, words.join(' '));
      assert.match(text, /^Examples?:\n {2}docker compose run --rm mesh /m, words.join(' '));
      assert.doesNotMatch(text, /\.\/mesh/, words.join(' '));
    }
  } finally {
    delete process.env['MESH_MODE'];
  }
});

/** The command as a person types it, without the launcher. */
function typed(...words: readonly string[]) {
  return execa(process.execPath, [path.join(repositoryRoot, 'cli/src/main.ts'), ...words], { reject: false });
}

test('every name that the command lists is registered here, with its line', () => {
  const there = createWholeProgram().commands.filter((one) => isOfLaboratory(one.name()));
  assert.deepEqual(
    Object.fromEntries(there.map((one) => [one.name(), one.description()])),
    laboratoryCommands,
  );
});

test('the help of every command of the laboratory has an example and fits 100 columns', () => {
  for (const command of ours()) {
    const words = wordsOf(command);
    const text = helpOf(words, createWholeProgram());
    assert.match(text, /^Examples?:\n {2}(MESH_INSTANCE=\d )?\.\/mesh /m, words.join(' '));
    const long = text.split('\n').filter((line) => line.length > 100);
    assert.deepEqual(long, [], words.join(' '));
  }
});

test('the command goes on as the laboratory: its help, its refusals and its exit codes', async () => {
  const all = await typed('help');
  for (const [name, line] of Object.entries(laboratoryCommands)) {
    assert.match(all.stdout, new RegExp(`^ {2}${name} .*${line}$`, 'm'));
  }
  const help = await typed('help', 'bench', 'list');
  assert.equal(help.exitCode, 0);
  assert.match(help.stdout, /^Usage: \.\/mesh bench list /);
  assert.equal((await typed('bench', 'list', '--help')).stdout, help.stdout);

  const unknown = await typed('bench', '--only', 'telemetri');
  assert.equal(unknown.exitCode, 2);
  assert.match(unknown.stderr, /^mesh: There is no comparison "telemetri"; there are /);
  const wrong = await typed('bench', '--only', 'traces', '--pairs', 'two');
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /^mesh: --pairs must be a whole number/);
});
