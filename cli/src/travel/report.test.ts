import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { writeReport } from './report.ts';

test('a report is written where it was named, or refused with the reason', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'report-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'loss.json');
  await writeReport(file, { losses: [] });
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { losses: [] });
  await assert.rejects(writeReport(folder, {}), {
    name: 'UsageError',
    message: `${folder} cannot be written: it is a directory`,
  });
  const nowhere = path.join(folder, 'no', 'loss.json');
  await assert.rejects(writeReport(nowhere, {}), {
    message: `${nowhere} cannot be written: there is no such directory`,
  });
});
