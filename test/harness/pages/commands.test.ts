import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { strangersIn } from './commands.ts';

const program = new Command('mesh');
program.command('order').argument('[x]').option('-u, --user <n>');
program.command('stop').argument('<name>');
program.command('start').argument('<name>');
const fault = program.command('fault');
fault.command('set').option('--abort <code>');

test('commands that are there, in text, tables and blocks', () => {
  const text = [
    'see `./mesh order --user 1`, `./mesh order --help` or `./mesh stop|start <name>` | `./mesh fault set users --abort 503` |',
    '$ ./mesh order -u 1 # then',
    '`./mesh fault …` and ./mesh order && ls --all',
    'curl -H "x: $(./mesh order)" --json "{}"',
  ];
  assert.deepEqual(strangersIn(text.join('\n'), program), []);
});

test('a command, a command of a group and an option that are not there are named', () => {
  assert.deepEqual(strangersIn('`./mesh ordr`, `./mesh fault put x`, `./mesh order [--usr 1]`', program), [
    './mesh ordr: there is no command "ordr"',
    './mesh fault put x: fault has no "put"',
    './mesh order [--usr 1]: order has no option --usr',
  ]);
});
