import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { controlClient } from '@microshop/cli/mesh/control-client';
import { supervisorClient } from '@microshop/native/supervision/supervisor-client';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { nativePlacement } from '@microshop/topology';
import type { Laboratory } from '../experiment/course.ts';
import { planOf } from './command.ts';
import { runArm, runFolder } from './run-arm.ts';

/** Nothing answers there. */
const nowhere = 'http://127.0.0.1:9';

test('a run that ends before its surge came is one that does not count', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-arm-'));
  t.after(() => rm(directory, { recursive: true }));
  const lab: Laboratory = {
    control: controlClient(nowhere),
    client: supervisorClient(runDirectory(9, directory)),
    placement: nativePlacement(),
    addresses: { gateway: nowhere, jaeger: nowhere, prometheus: nowhere, control: nowhere },
    k6: 'k6',
    reports: directory,
    mutants: directory,
    speed: { slice: () => 1, pause: async () => undefined, meshCpus: async () => 0 },
    unwell: async () => [],
    applyFault: true,
    interrupted: AbortSignal.abort(),
    onProgress: () => undefined,
  };
  const { throughout: _, ...plan } = await planOf('shedding', {});
  const [arm] = plan.arms;
  assert.ok(arm !== undefined);
  const { invalid } = await runArm(plan, arm, 1, lab, directory);
  assert.deepEqual(invalid, ['the run ended early: it was interrupted']);
});

test('each arm has a folder of its own, also where nothing of its name can stand in one', () => {
  assert.equal(runFolder(3, 2, '1 in a row, half of them'), '3-2-1-in-a-row-half-of-them');
  const names = ['a b', 'a-b', 'größer', 'größer (2)', '最初', '次'];
  assert.equal(new Set(names.map((name, index) => runFolder(1, index + 1, name))).size, names.length);
});
