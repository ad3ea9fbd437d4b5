import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandBlocks } from './page.ts';

function page(...lines: readonly string[]) {
  return commandBlocks('page.md', lines.join('\n'));
}

test('a block of commands: its mark, its lines without comments, the output right after it', () => {
  const [block, ...others] = page(
    'Text.',
    '',
    '<!-- run on mesh; within 20 s',
    'order <n> is CONFIRMED',
    '-->',
    '```sh',
    './mesh order        # places one',
    '',
    './mesh order --user 99  # refused: exit 1',
    '```',
    '',
    '```console',
    'order 1',
    '```',
  );
  assert.deepEqual(others, []);
  assert.deepEqual(block, {
    page: 'page.md',
    at: 6,
    commands: [
      { line: './mesh order', exitCodes: [0], shown: [] },
      { line: './mesh order --user 99', exitCodes: [1], shown: [] },
    ],
    mark: { kind: 'run', onMesh: true, withinMs: 20_000 },
    hidden: ['order <n> is CONFIRMED'],
    shown: ['order 1'],
  });
});

test('a block of commands with their output, in a list, too', () => {
  const [block] = page(
    '- text',
    '  <!-- run alone -->',
    '  ```',
    '  $ ./mesh a',
    '  one',
    '  $ ./mesh b # exit 3 or 4',
    '  ```',
  );
  assert.deepEqual(block?.commands, [
    { line: './mesh a', exitCodes: [0], shown: ['one'] },
    { line: './mesh b', exitCodes: [3, 4], shown: [] },
  ]);
});

test('the other marks', () => {
  const block = ['```sh', 'x', '```'];
  assert.deepEqual(page('<!-- not run: needs', 'containers -->', ...block)[0]?.mark, {
    kind: 'excused',
    reason: 'needs containers',
  });
  assert.deepEqual(page('<!-- run by a.test.ts -->', ...block)[0]?.mark, { kind: 'by', file: 'a.test.ts' });
  assert.equal(page(...block)[0]?.mark, undefined);
  assert.equal(page('<!-- a remark -->', ...block)[0]?.mark, undefined);
});

test('blocks without commands are none', () => {
  assert.deepEqual(page('```json', '{}', '```', '```', 'order 1', '```', '```mermaid', 'x', '```'), []);
});

test('output that does not follow at once belongs to no command', () => {
  const [block] = page('```sh', 'x', '```', 'Text.', '```console', 'y', '```');
  assert.deepEqual(block?.shown, []);
});

const broken: readonly (readonly [name: string, lines: readonly string[], message: RegExp])[] = [
  [
    'a mark that is not understood',
    ['<!-- run it -->', '```sh', 'x', '```'],
    /page\.md:2: cannot read the mark "run it"/,
  ],
  ['an excuse without a reason', ['<!-- not run: -->', '```sh', 'x', '```'], /cannot read the mark/],
  [
    'a mark that no block follows',
    ['<!-- run alone -->', 'Text.', '```sh', 'x', '```'],
    /no block follows the mark/,
  ],
  ['a mark at the end of the page', ['<!-- run alone -->', ''], /no block follows the mark/],
  [
    'a mark before another one',
    ['<!-- run alone -->', '<!-- x -->', '```sh', 'x', '```'],
    /no block follows/,
  ],
  [
    'a block that is run and has no command',
    ['<!-- run alone', 'x', '-->', '```sh', '# x', '```'],
    /has no command/,
  ],
  ['a block that is run and shows nothing', ['<!-- run alone -->', '```sh', 'x', '```'], /nothing is shown/],
  ['one that shows only a gap', ['<!-- run alone -->', '```', '$ x', '…', '```'], /nothing is shown/],
  ['a block that does not end', ['```sh', 'x'], /page\.md:1: the block does not end/],
  ['a comment that does not end', ['<!-- run alone', '```sh', 'x', '```'], /the comment does not end/],
];

for (const [name, lines, message] of broken) {
  test(`${name} is an error`, () => {
    assert.throws(() => page(...lines), message);
  });
}
