import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type ProblemStatus, problemStatuses, problemTitles } from './problems.ts';

const statuses: [string, ProblemStatus][] = Object.entries(problemStatuses);

test('docs/reference/errors.md has the table of problems as it is', async () => {
  const page = await readFile(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8');
  const written = page.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return /^\d{3}$/.test(cells[1] ?? '') ? [cells.slice(1, 5)] : [];
  });
  assert.deepEqual(
    written,
    statuses.map(([status, { codes, scope, when }]) => [
      status,
      codes.map((code) => `\`${code}\``).join(', '),
      scope,
      when,
    ]),
  );
});

test('every code comes with a status', () => {
  const told = new Set(statuses.flatMap(([, { codes }]) => codes));
  assert.deepEqual(
    Object.keys(problemTitles).filter((code) => ![...told].some((one) => one === code)),
    [],
  );
});
