import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { UnreachableError } from '@microshop/program-kit/http-json';
import { giveBack } from './run.ts';
import { goodAudit } from './testing.ts';

test('edited code is ended also when the control service does not answer at the end of a run', async (t) => {
  const mutants = await mkdtemp(path.join(tmpdir(), 'mesh-mutants-'));
  t.after(() => rm(mutants, { recursive: true }));
  await writeFile(path.join(mutants, 'orders.json'), '{}');
  const acts: string[] = [];
  const lab = {
    mutants,
    control: {
      clearFaults: () => Promise.reject(new UnreachableError('control does not answer')),
      audit: async () => goodAudit,
      deadLetters: async () => [],
      drop: async () => [],
    },
    client: {
      async act(action: string, part: string): Promise<MeshStatus['parts'][number]> {
        acts.push(`${action} ${part}`);
        return {
          ...{ name: part, kind: 'service', state: 'running', pid: 7, healthy: true, restarts: 0 },
          ...{ rss_bytes: null, uptime_s: null, last_exit: null, making: null },
        };
      },
    },
  };
  const code = { service: 'orders', edits: [] } as const;
  await assert.rejects(giveBack({ code }, new Map(), lab), /^UnreachableError: control does not answer$/);
  assert.deepEqual([acts, await readdir(mutants)], [['restart orders'], []]);
});
