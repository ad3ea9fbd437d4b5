/** Writes the table of options in docs/faults.md from the fields of a fault: `node docs/src/fault-options.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { faultFieldList } from '@microshop/topology';
import { table } from './table.ts';

/** The page in which it stands. */
export const pageFile = path.resolve(import.meta.dirname, '../faults.md');

const head = ['option', 'field of the API', 'does'];

/** The page with the table as the fields say. Throws when the page has no such table. */
export function withOptions(page: string): string {
  const written = table(
    head,
    faultFieldList.map(({ flag, takes, name, description }) => [
      `\`--${flag} <${takes}>\``,
      `\`${name}\``,
      description,
    ]),
  );
  const standing = new RegExp(String.raw`^\| ${head.join(String.raw` +\| `)} +\|\n(?:\|.*\n)+`, 'm');
  if (!standing.test(page)) throw new Error(`${pageFile} has no table of ${head.join(', ')}`);
  return page.replace(standing, () => `${written}\n`);
}

if (import.meta.main) writeFileSync(pageFile, withOptions(readFileSync(pageFile, 'utf8')));
