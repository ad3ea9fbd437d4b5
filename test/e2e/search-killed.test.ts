/** `./mesh experiment search` is killed: what it had set ends all the same. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { root } from '../harness/command.ts';
import { loadHasEnded } from '../harness/experiment.ts';
import { clearFaults, wellShop, wrong } from '../harness/faults.ts';

before(async () => {
  await clearFaults();
  await wellShop(100);
});

test('after kill -9 of a search no fault is left, and its load ends', async () => {
  const child = spawn('./mesh', ['experiment', 'search', '--for', '10m'], { cwd: root, stdio: 'ignore' });
  await eventually(
    'a fault is in effect',
    async () => ((await wrong()).length > 0 ? true : undefined),
    90_000,
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  await eventually(
    'nothing is wrong any more',
    async () => ((await wrong()).length === 0 ? true : undefined),
    60_000,
  );
  await loadHasEnded();
});
