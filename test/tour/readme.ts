/** The commands of the README's tour, so that the test runs what is written there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const heading = '## A tour';

/** Lines of the code blocks under the heading, without their comments. */
export function tourCommands(): string[] {
  const readme = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const [, section] = readme.split(`\n${heading}\n`);
  assert.ok(section !== undefined, `README.md has no section "${heading}"`);
  const [tour = ''] = section.split('\n## ');
  return [...tour.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  );
}
