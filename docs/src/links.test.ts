/** Every relative link of every page leads somewhere, its anchor included. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { anchorsOf, linksOf } from './links.ts';

const pages = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: repositoryRoot,
  encoding: 'utf8',
})
  .split('\0')
  .filter((page) => page !== '' && existsSync(path.join(repositoryRoot, page)));

/** The links of a page that lead nowhere, each with its line. `text`: what the page says, in place of the file. */
function dead(page: string, text = readFileSync(path.join(repositoryRoot, page), 'utf8')): readonly string[] {
  return linksOf(text).flatMap(({ line, path: to, anchor }) => {
    const file = path.join(repositoryRoot, path.dirname(page), to);
    const shown = `${page}:${line}: ${to}${anchor && `#${anchor}`}`;
    if (to !== '' && !existsSync(file)) return [`${shown}: there is no such file`];
    if (anchor === '') return [];
    const anchors = anchorsOf(to === '' ? text : readFileSync(file, 'utf8'));
    return anchors.includes(anchor) ? [] : [`${shown}: has only ${anchors.join(', ')}`];
  });
}

test('every link of every page leads somewhere', () => {
  assert.ok(pages.length > 50, `${pages.length} pages`);
  assert.deepEqual(
    pages.flatMap((page) => dead(page)),
    [],
  );
});

for (const [what, text, line] of [
  ['a page that is not there', 'See [it](nothing.md).', 1],
  ['a heading that is not there', '# Page\n\n[It](api.md#nothing)', 3],
  ['a heading that is not on this page', '# Page\n\n[It](#the-page)', 3],
  ['a heading that only a block shows', '```\n# Shown\n```\n\n[It](#shown)', 5],
  ['a picture that is not there', '![It](pictures/nothing.svg)', 1],
  ['a picture in HTML that is not there', '<img alt="it" src="pictures/nothing.svg">', 1],
] as const) {
  test(`${what} is found`, () => {
    const [found = '', ...others] = dead('docs/planted.md', text);
    assert.match(found, new RegExp(`^docs/planted\\.md:${line}: `));
    assert.deepEqual(others, []);
  });
}

for (const [what, text] of [
  ['a link that code shows', '`[it](nothing.md)`\n\n```\n[it](nothing.md)\n```'],
  ['an address', '[it](http://127.0.0.1:8080/nothing.md)'],
  ['a heading that stands twice', '# One\n\n# One\n\n[it](#one), [it](#one-1)'],
  ['a heading with code, marks and a link', "# What `a b` is: [it's](api.md), 2\n\n[it](#what-a-b-is-its-2)"],
] as const) {
  test(`${what} is no dead link`, () => assert.deepEqual(dead('docs/planted.md', text), []));
}
