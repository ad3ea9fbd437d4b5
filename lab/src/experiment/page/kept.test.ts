import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { experimentFiles } from '@microshop/program-kit/run-directory';
import { comparisonPageName } from '../../compare/page.ts';
import { checkReported, lastPage } from './kept.ts';

test('the last run of that name that left a page', async (t) => {
  const reports = await mkdtemp(path.join(tmpdir(), 'pages-'));
  t.after(() => rm(reports, { recursive: true }));
  const page = async (folder: string, name: string = experimentFiles.page) => {
    await mkdir(path.join(reports, folder));
    const file = path.join(reports, folder, name);
    await writeFile(file, '');
    return file;
  };
  await page('delay-20260101T000000Z');
  const last = await page('delay-20260102T000000Z');
  await page('delay-300-20260103T000000Z');
  const mutant = await page('delay.mutant-20260103T000000Z');
  await mkdir(path.join(reports, 'delay-20260104T000000Z'));
  assert.equal(lastPage(reports, 'delay'), last);
  assert.equal(lastPage(reports, 'delay.mutant'), mutant);
  const compared = await page('compare-20260101T000000Z', comparisonPageName);
  assert.equal(lastPage(reports, 'compare'), compared);
  assert.throws(() => lastPage(path.join(reports, 'none'), 'compare'), /experiment compare makes one/);
  assert.throws(() => lastPage(reports, 'search'), /\.\/mesh experiment search makes one/);
  assert.throws(() => lastPage(reports, 'abort'), /No run of abort has left a page/);
  assert.throws(() => lastPage(path.join(reports, 'none'), 'delay'), /No run of delay/);
  assert.throws(() => lastPage(reports, 'abort.mutant'), /\.\/mesh experiment run abort --mutant makes one$/);
});

test('a name that no run can have is refused', () => {
  const experiments = [{ name: 'delay' }, { name: 'abort' }];
  for (const name of ['delay', 'abort.mutant', 'schedule', 'compare', 'search']) {
    assert.doesNotThrow(() => checkReported(name, experiments), name);
  }
  assert.throws(
    () => checkReported('dealy', experiments),
    /^UsageError: There is no experiment "dealy"; there are delay, abort, compare, search, schedule, and a mutant is delay\.mutant$/,
  );
});
