import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { UnknownPartError } from '@microshop/native/supervision/supervisor';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { endEdited } from './restarted.ts';

/** A directory with what {@link names} of parts run with, and a runner that restarts them unless it `fails`. */
async function edited(t: TestContext, names: readonly string[], fails: (part: string) => Error | undefined) {
  const mutants = path.join(await mkdtemp(path.join(tmpdir(), 'mesh-mutants-')), 'mutants');
  t.after(() => rm(path.dirname(mutants), { recursive: true }));
  await mkdir(mutants);
  for (const name of names) await writeFile(path.join(mutants, `${name}.json`), '{}');
  const restarted: string[] = [];
  const client = {
    async act(action: string, part: string): Promise<MeshStatus['parts'][number]> {
      const error = fails(part);
      if (error !== undefined) throw error;
      // the runner reads the file when it starts the part
      assert.ok(!(await readdir(mutants)).includes(`${part}.json`), 'its code is its own by then');
      restarted.push(`${action} ${part}`);
      return {
        ...{ name: part, kind: 'service', state: 'running', pid: 1, healthy: true, restarts: 0 },
        ...{ rss_bytes: null, uptime_s: null, last_exit: null, making: null },
      };
    },
  };
  return { mutants, restarted, client };
}

test('each part that ran edited code is started again with its own, and nothing is left', async (t) => {
  const { mutants, restarted, client } = await edited(t, ['orders', 'orders-2'], () => undefined);
  await endEdited({ client, mutants });
  assert.deepEqual(restarted.sort(), ['restart orders', 'restart orders-2']);
  assert.deepEqual(await readdir(mutants), []);
  await endEdited({ client, mutants });
  assert.equal(restarted.length, 2);
});

test('a part that could not be started again is left to the next command', async (t) => {
  let failures = 1;
  const { mutants, restarted, client } = await edited(t, ['orders'], () => {
    failures -= 1;
    return failures < 0 ? undefined : new Error('the command was killed');
  });
  await assert.rejects(endEdited({ client, mutants }), /was killed/);
  assert.deepEqual(restarted, []);
  await endEdited({ client, mutants });
  assert.deepEqual([restarted, await readdir(mutants)], [['restart orders'], []]);
});

test('a replica that is gone holds up nothing', async (t) => {
  const { mutants, restarted, client } = await edited(t, ['orders-2', 'users'], (part) =>
    part === 'orders-2' ? new UnknownPartError(part, ['orders', 'users']) : undefined,
  );
  await endEdited({ client, mutants });
  assert.deepEqual([restarted, await readdir(mutants)], [['restart users'], []]);
});
