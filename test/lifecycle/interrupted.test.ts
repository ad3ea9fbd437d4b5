/** `./mesh up` that is interrupted leaves nothing, at whatever moment and by whatever: no process, no port, no lock. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { lockHolder } from '@microshop/native/supervision/lock';
import { supervisorClient } from '@microshop/native/supervision/supervisor-client';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { root, runMesh } from '../harness/command.ts';
import { leftOf, processesOf } from './left.ts';

const instance = testInstance('lifecycle');
const directory = runDirectory(instance);
const supervisor = supervisorClient(directory);
const mesh = (...args: readonly string[]) => runMesh(args, { MESH_INSTANCE: String(instance) });

/** Time that a start takes at most, on a machine that does much else, milliseconds. */
const startLimitMs = 240_000;

/** A moment of the start, by what the command has said so far or what the supervisor says. */
interface Moment {
  readonly what: string;
  reached(said: string): Promise<boolean> | boolean;
}

const begun: Moment = {
  what: 'its supervisor has begun',
  reached: () => lockHolder(directory.lock) !== undefined,
};
const jaegerStarted: Moment = {
  what: 'Jaeger has just been started',
  reached: async () =>
    (await supervisor.status())?.parts.some(({ name, pid }) => name === 'jaeger' && pid !== null) === true,
};
const firstHealthy: Moment = {
  what: 'the first part is healthy',
  reached: (said) => / healthy after /.test(said),
};
const appHealthy: Moment = {
  what: 'an app is healthy',
  reached: (said) => /^ *users +healthy after /m.test(said),
};

/** What interrupts it, given the pid of the command, which leads a process group as in a terminal. */
const interruptions = {
  'Ctrl-C': (pid: number) => process.kill(-pid, 'SIGINT'),
  'Ctrl-C twice': (pid: number) => {
    for (const _ of [1, 2]) process.kill(-pid, 'SIGINT');
  },
  SIGTERM: (pid: number) => process.kill(pid, 'SIGTERM'),
  SIGKILL: (pid: number) => process.kill(pid, 'SIGKILL'),
} as const;

before(async () => {
  await mesh('down', '--wipe');
});
after(async () => {
  await mesh('down', '--wipe');
});

const inBackground = ['up', '--detach'];

for (const [args, moment, by] of [
  [inBackground, begun, 'SIGKILL'],
  [inBackground, begun, 'SIGTERM'],
  [inBackground, jaegerStarted, 'Ctrl-C twice'],
  [inBackground, firstHealthy, 'SIGKILL'],
  [inBackground, appHealthy, 'SIGTERM'],
  [['up'], firstHealthy, 'Ctrl-C'],
] as const) {
  test(`./mesh ${args.join(' ')}, interrupted by ${by} when ${moment.what}, leaves nothing`, async (t) => {
    const env = { ...process.env, MESH_INSTANCE: String(instance) };
    const command = spawn('./mesh', [...args], {
      cwd: root,
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => command.kill('SIGKILL'));
    let said = '';
    command.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await eventuallyDespiteErrors(moment.what, () => moment.reached(said), startLimitMs);
    assert.notDeepEqual(processesOf(instance), [], 'what is looked for is found while it runs');
    interruptions[by](command.pid ?? assert.fail('it has no pid'));
    await once(command, 'exit');
    if (by === 'SIGKILL') {
      // it could not wait for the end of what it had started
      await eventuallyDespiteErrors('nothing is left', async () => (await leftOf(instance)).length === 0);
      return;
    }
    assert.deepEqual(await leftOf(instance), [], said);
    assert.equal(command.exitCode, 1, said);
  });
}
