import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from './text.ts';

test('the indentation that all lines share goes, the rest stays', () => {
  assert.equal(
    text`
      a:
        b: 1

      c: 2
    `,
    'a:\n  b: 1\n\nc: 2',
  );
});

test('several lines go on where the first begins, and an empty line of them stays empty', () => {
  assert.equal(
    text`
    a:
      ${['b', '', 'c']}
      - ${'d\ne'}
  `,
    'a:\n  b\n\n  c\n  - d\n  e',
  );
});

test('a line with nothing filled in is left out, one with something beside it is not', () => {
  assert.equal(
    text`
    a
    ${[]}
    ${''}${''}
    b ${''}
  `,
    'a\nb ',
  );
});

test('backslashes stand for themselves, but before $ and a backtick', () => {
  assert.equal(text`printf '\r\n' \${HOME} \`ls\` \\`, ["printf '\\r\\n' $", '{HOME} `ls` \\\\'].join(''));
});
