import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { loadJob } from './load.ts';

const model = { image: 'registry.example.com/microshop/lab:1', imagePullSecrets: [{ name: 'pull' }] };
const steady = { scenario: 'steady', rate: 50, seconds: 30, json: false };

test('a run is a Job of the image that the control service has, which is not run twice', () => {
  const { spec } = loadJob(steady, model, { P95_MS: '2000', HOME: '/nobody' });
  assert.equal(spec?.backoffLimit, 0);
  const pod = spec?.template.spec;
  assert.deepEqual(pod?.imagePullSecrets, model.imagePullSecrets);
  const [container] = pod?.containers ?? [];
  assert.equal(container?.image, model.image);
  assert.deepEqual(container?.command?.slice(3), [
    ...['sh', 'load-tests/run.sh', 'steady', '--rate', '50', '--duration', '30s'],
  ]);
  assert.deepEqual(container?.env, [
    { name: 'GATEWAY', value: 'http://shop' },
    { name: 'REPORTS', value: '/tmp/report' },
    { name: 'P95_MS', value: '2000' },
  ]);
});

test('what a person sets reaches no shell, and the exit code of a run stays behind its result', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-load-'));
  t.after(() => rm(directory, { recursive: true }));
  const json = { ...steady, scenario: 'x; echo injected', rate: undefined, seconds: undefined, json: true };
  const [container] = loadJob(json, model, {}).spec?.template.spec?.containers ?? [];
  const [, , script = '', ...run] = container?.command ?? [];
  assert.deepEqual(run, ['sh', 'load-tests/run.sh', 'x; echo injected']);
  const here = script.replaceAll('/tmp/', `${directory}/`);
  const { exitCode, stdout } = await execa('sh', ['-c', here, 'sh', '-c', 'echo said; exit 3'], {
    reject: false,
  });
  assert.equal(exitCode, 3);
  assert.match(stdout, /^--- result$/m);
  assert.doesNotMatch(stdout, /said/, 'the document alone');
});
