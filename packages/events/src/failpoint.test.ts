import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

const directory = mkdtempSync(path.join(tmpdir(), 'failpoints-'));
after(() => rmSync(directory, { recursive: true }));
const file = path.join(directory, 'relay.leased');
const module = path.join(import.meta.dirname, 'failpoint.ts');

/** A process that passes the failpoint and then says so. */
function run(env: Record<string, string>) {
  const code = `import { failpoint } from ${JSON.stringify(module)}; failpoint('relay.leased'); console.log('passed');`;
  const { signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...env, MESH_LAB_DIRECTORY: directory },
    encoding: 'utf8',
  });
  return { signal, passed: stdout === 'passed\n', stderr };
}

test('without MESH_LAB=1 an armed failpoint is ignored, and its file left alone', () => {
  writeFileSync(file, 'crash');
  for (const env of [{}, { MESH_LAB: '0' }, { MESH_LAB: 'true' }]) {
    assert.deepEqual(run(env), { signal: null, passed: true, stderr: '' });
  }
  assert.ok(existsSync(file));
});

test('crash ends the process once: its file is gone before', () => {
  writeFileSync(file, 'crash\n');
  const first = run({ MESH_LAB: '1' });
  assert.deepEqual([first.signal, first.passed], ['SIGKILL', false]);
  assert.match(first.stderr, /failpoint relay\.leased ends this process/);
  assert.ok(!existsSync(file));
  assert.deepEqual(run({ MESH_LAB: '1' }), { signal: null, passed: true, stderr: '' });
});

test('fail throws each time, until the file is removed', () => {
  writeFileSync(file, 'fail');
  for (let time = 0; time < 2; time += 1) {
    const { signal, passed, stderr } = run({ MESH_LAB: '1' });
    assert.deepEqual([signal, passed], [null, false]);
    assert.match(stderr, /Failpoint relay\.leased is armed/);
  }
  rmSync(file);
  assert.ok(run({ MESH_LAB: '1' }).passed);
});
