import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highestRate as highestOfScripts } from '../../../load-tests/src/settings.ts';
import { UsageError } from '../output/errors.ts';
import { createProgram } from '../program.ts';
import { highestRate } from './load.ts';

test('command and scripts take the same rates', () => {
  assert.equal(highestRate, highestOfScripts);
});

for (const [option, text, told] of [
  ['--rate', 'x', `--rate must be a whole number from 1 to ${highestRate}, not "x"`],
  ['--rate', '0', `--rate must be a whole number from 1 to ${highestRate}, not "0"`],
  ['--duration', '10', '--duration needs a unit: 10ms, 10s or 10m, not "10"'],
  ['--duration', '0s', '--duration must be whole seconds from 1s to 24h, not "0s"'],
] as const) {
  test(`${option} ${text} is refused before the mesh is asked or k6 started`, async () => {
    const args = ['load', 'steady', option, text];
    await assert.rejects(createProgram().parseAsync(args, { from: 'user' }), new UsageError(told));
  });
}
