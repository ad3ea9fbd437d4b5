import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgram } from '../program.ts';
import { allOf, argumentsOf, wordsOf } from '../testing/commands.ts';
import { UsageError } from './errors.ts';
import { durationMs, durationText, positiveDurationMs, wholeSeconds } from './values.ts';

test('a duration is a number with its unit, or several', () => {
  const read = ['300ms', '5s', '2m', '1h', '1m30s', '1.5s', '0s'].map((text) => durationMs('--for', text));
  assert.deepEqual(read, [300, 5000, 120_000, 3_600_000, 90_000, 1500, 0]);
});

test('what is no duration is refused by the name of the option', () => {
  for (const text of ['', 's', '5 s', '-5s', '5sec', '5s3m', 'soon', '5S']) {
    assert.throws(
      () => durationMs('--for', text),
      (error) =>
        error instanceof UsageError && /^--for must be a duration like 300ms, 5s/.test(error.message),
      text,
    );
  }
});

test('a limit is named with its unit', () => {
  assert.deepEqual([1, 600_000, 90_000, 0, 86_400_000].map(durationText), [
    '1ms',
    '10m',
    '1m30s',
    '0s',
    '24h',
  ]);
  assert.throws(
    () => positiveDurationMs('--for', '11m', 600_000),
    /--for must be from 1ms to 10m, not "11m"/,
  );
  assert.throws(() => positiveDurationMs('--for', '0s', 600_000), /--for must be from 1ms to 10m/);
  assert.throws(
    () => wholeSeconds('--duration', '1500ms'),
    /--duration must be whole seconds from 1s to 24h/,
  );
  assert.equal(wholeSeconds('--duration', '1m30s'), 90);
  // 4.35 × 60,000 is 260,999.99999999997 here
  assert.equal(wholeSeconds('--duration', '4.35m'), 261);
});

/** What an option needs beside it to mean anything. */
const beside: Readonly<Record<string, readonly string[]>> = { 'process --for': ['--pause'] };

/** Every option of the command line that takes a duration. */
const options = allOf(createProgram()).flatMap((command) =>
  command.options
    .filter(({ flags }) => flags.endsWith(' <duration>'))
    .map(({ long }) => ({ command, long: long ?? '' })),
);

test('every option that takes a duration refuses a bare number and says how to write it', async () => {
  assert.ok(options.length > 10);
  for (const { command, long } of options) {
    const words = wordsOf(command);
    const extra = beside[`${command.name()} ${long}`] ?? [];
    const args = [...words, ...argumentsOf(command), ...extra, long, '5'];
    await assert.rejects(
      createProgram().parseAsync(args, { from: 'user' }),
      (error) =>
        error instanceof UsageError && error.message === `${long} needs a unit: 5ms, 5s or 5m, not "5"`,
      args.join(' '),
    );
  }
});

test('no option takes a time in another form', () => {
  const placeholders = allOf(createProgram()).flatMap((command) =>
    command.options.map(({ flags }) => /<(.*)>/.exec(flags)?.[1] ?? ''),
  );
  assert.deepEqual(
    placeholders.filter((name) => /^(ms|milliseconds|s|seconds|time)$/.test(name)),
    [],
  );
});
