/** A start that is interrupted leaves nothing, whenever that is and whatever it is interrupted by. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { PartFailedError } from './part-attempt.ts';
import { fakeDaemon, quickTimings, superviseFakes, type TestPlace, testPlace } from './testing/fake-mesh.ts';
import { leftOf } from './testing/left-of.ts';

const starter = fileURLToPath(new URL('./testing/fake-starter.ts', import.meta.url));

const moments: readonly (readonly [string, (place: TestPlace) => boolean])[] = [
  ['its supervisor has the lock', ({ directory }) => existsSync(directory.lock)],
  ['a part has been started', (place) => place.events().includes('first started')],
  ['a part is healthy', (place) => place.events().includes('first healthy')],
  ['the last part has been started', (place) => place.events().includes('second started')],
];

for (const [moment, reached] of moments) {
  test(`nothing is left of a start whose command is killed when ${moment}`, async (t) => {
    const place = testPlace(t);
    const { root } = place;
    // ends after the test what it should have ended by itself
    fakeDaemon(place);
    const descriptions = [
      { name: 'first', child: true, stopTimeoutMs: 300 },
      { name: 'second', dependsOn: ['first'], gate: place.gate('never') },
    ];
    const command = spawn(process.execPath, [starter], {
      env: { ...process.env, XDG_RUNTIME_DIR: root, FAKE_MESH: JSON.stringify({ root, descriptions }) },
      stdio: 'ignore',
    });
    await eventually(moment, () => reached(place));
    assert.notDeepEqual(leftOf(place), [], 'what is looked for is found while it runs');
    command.kill('SIGKILL');
    await once(command, 'exit');
    await eventually('nothing is left', () => leftOf(place).length === 0);
  });
}

test('a mesh that is up stays when the command that started it is gone', async (t) => {
  const place = testPlace(t);
  const daemon = fakeDaemon(place);
  await daemon.up([{ name: 'app' }]);
  // longer than the supervisor took to notice that the command had gone
  await daemon.client.act('restart', 'app');
  assert.equal((await daemon.client.status())?.healthy, true);
});

test('a part whose process cannot be put on record is ended, and its start fails', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'app' }], quickTimings, [], () => {
    throw new Error('no space left');
  });
  await assert.rejects(
    supervisor.startAll(),
    (error) =>
      error instanceof PartFailedError && /app could not be put on record: no space left/.test(error.message),
  );
  await supervisor.stopAll();
  assert.deepEqual(leftOf(place), []);
});

test('a mesh whose directory is deleted ends by itself', async (t) => {
  const place = testPlace(t);
  await fakeDaemon(place).up([{ name: 'app' }]);
  rmSync(place.directory.path, { recursive: true });
  await eventually('nothing is left', () => leftOf(place).length === 0);
});
