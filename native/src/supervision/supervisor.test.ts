import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { meshTimings, type Part, PartUnobtainableError } from './part.ts';
import { PartFailedError } from './part-attempt.ts';
import { nextBackOff } from './part-runner.ts';
import { isRunning, statOf } from './proc.ts';
import { checkParts, UnknownPartError } from './supervisor.ts';
import { quickTimings, superviseFakes, type TestPlace, testPlace } from './testing/fake-mesh.ts';
import { fakePart } from './testing/fake-part.ts';

test('a part starts when everything it depends on is healthy, and independent parts start side by side', async (t) => {
  const place = testPlace(t);
  const gates = { database: place.gate('database'), broker: place.gate('broker') };
  const { supervisor } = superviseFakes(place, [
    { name: 'gateway', dependsOn: ['app'] },
    { name: 'app', dependsOn: ['database', 'broker'] },
    { name: 'database', gate: gates.database },
    { name: 'broker', gate: gates.broker },
  ]);
  const starting = supervisor.startAll();

  // neither can become healthy yet: both have been started side by side
  await eventually('both servers have started', () => place.events().length === 2);
  place.open(gates.database);
  await eventually('the database is healthy', () => place.events().includes('database healthy'));
  await eventually(
    'the supervisor knows it',
    async () => (await supervisor.part('database').status()).healthy,
  );
  assert.equal(place.events().includes('app started'), false, 'the app waits for the broker');
  place.open(gates.broker);
  await starting;

  const order = ['broker healthy', 'app started', 'app healthy', 'gateway started', 'gateway healthy'];
  assert.deepEqual(place.events().slice(-order.length), order);
  assert.ok((await supervisor.statuses()).every((part) => part.healthy && part.state === 'running'));
});

test('everything ends in the reverse order of dependencies', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [
    { name: 'database' },
    { name: 'app', dependsOn: ['database'] },
    { name: 'gateway', dependsOn: ['app'] },
  ]);
  await supervisor.startAll();
  const pids = (await supervisor.statuses()).map((part) => part.pid ?? 0);
  await supervisor.stopAll();

  assert.deepEqual(place.events().slice(-3), ['gateway ended', 'app ended', 'database ended']);
  assert.ok(pids.every((pid) => pid > 0 && !isRunning(statOf(pid))));
  await assert.rejects(supervisor.part('app').start(), /the mesh is stopping/);
});

test('a part that is live early releases the others, is waited for, and ends before what it needs', async (t) => {
  const place = testPlace(t);
  const live = place.gate('live');
  const gate = place.gate('control');
  const control: Part = {
    ...fakePart({ name: 'control', gate }, place.root),
    early: { live: async () => existsSync(live), needs: ['gateway'] },
  };
  const { supervisor } = superviseFakes(
    place,
    [{ name: 'gateway', dependsOn: ['control'] }],
    { ...quickTimings, startLimitMs: 1000 },
    [control],
  );
  const starting = supervisor.startAll();
  await eventually('control has started', () => place.events().includes('control started'));
  await delay(100);
  assert.equal(place.events().includes('gateway started'), false, 'it waits for the files');
  place.open(live);
  await eventually('the gateway is healthy', () => place.events().includes('gateway healthy'));
  assert.equal(supervisor.state(), 'starting');
  assert.equal((await supervisor.part('control').status()).healthy, false);
  place.open(gate);
  await starting;
  assert.equal(supervisor.state(), 'up');
  await supervisor.stopAll();
  assert.deepEqual(place.events().slice(-2), ['control ended', 'gateway ended']);
});

test('a part that is live and does not become healthy in time ends the start', async (t) => {
  const place = testPlace(t);
  const control: Part = {
    ...fakePart({ name: 'control', gate: place.gate('never') }, place.root),
    early: { live: async () => true, needs: [] },
  };
  const { supervisor } = superviseFakes(place, [], { ...quickTimings, startLimitMs: 300 }, [control]);
  await assert.rejects(
    supervisor.startAll(),
    (error) => error instanceof PartFailedError && /control is not healthy after 0.3 s/.test(error.message),
  );
});

test('a part that dies is started again, counted, with its group emptied first', async (t) => {
  const place = testPlace(t);
  const { supervisor, events } = superviseFakes(place, [{ name: 'app', child: true, stopTimeoutMs: 100 }]);
  await supervisor.startAll();
  const before = await supervisor.part('app').status();
  const child = Number(/child (\d+)/.exec(place.events().join())?.[1]);
  assert.ok(isRunning(statOf(child)));

  process.kill(before.pid ?? 0, 'SIGKILL');
  const after = await eventually('the app is healthy again', async () => {
    const status = await supervisor.part('app').status();
    return status.restarts === 1 && status.healthy && status;
  });

  assert.notEqual(after.pid, before.pid);
  assert.equal(after.last_exit, 'was ended by SIGKILL');
  assert.equal(isRunning(statOf(child)), false, 'the child of the dead process is gone');
  const died = events.find((event) => event.type === 'died');
  assert.deepEqual(died?.lastLines, ['app says hello']);
});

test('back-off doubles up to ten seconds, and is reset after thirty healthy ones', () => {
  const waits: number[] = [];
  for (let death = 0; death < 7; death += 1) waits.push(nextBackOff(waits.at(-1), 0, meshTimings));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.equal(nextBackOff(8000, 29_999, meshTimings), 10_000);
  assert.equal(nextBackOff(8000, 30_000, meshTimings), 500);
});

test('a stopped part stays stopped while its dependants run on, and can be started again', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'users' }, { name: 'orders', dependsOn: ['users'] }]);
  await supervisor.startAll();
  const orders = await supervisor.part('orders').status();
  await supervisor.part('users').stop();

  const stopped = await supervisor.part('users').status();
  assert.deepEqual(
    [stopped.state, stopped.pid, stopped.healthy, stopped.restarts],
    ['stopped', null, false, 0],
  );
  assert.equal((await supervisor.part('orders').status()).pid, orders.pid);

  await supervisor.part('users').start();
  assert.equal((await supervisor.part('users').status()).healthy, true);
  assert.equal(place.events().filter((event) => event === 'users started').length, 2);
});

test('a part in its back-off is stopped at once, and started at once', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'app' }], {
    ...quickTimings,
    backOffFirstMs: 3_600_000,
  });
  await supervisor.startAll();
  const inBackOff = async () => {
    process.kill((await supervisor.part('app').status()).pid ?? 0, 'SIGKILL');
    await eventually('it waits', async () => (await supervisor.part('app').status()).state === 'backoff');
  };
  await inBackOff();
  await supervisor.part('app').start();
  assert.equal((await supervisor.part('app').status()).healthy, true);
  await inBackOff();
  await supervisor.part('app').stop();
  assert.equal((await supervisor.part('app').status()).state, 'stopped');
});

test('a part that ignores its signal is killed with its whole group when its time is over', async (t) => {
  const place = testPlace(t);
  const { supervisor, events } = superviseFakes(place, [
    { name: 'stubborn', ignoresTerm: true, child: true, stopTimeoutMs: 100 },
  ]);
  await supervisor.startAll();
  const { pid } = await supervisor.part('stubborn').status();
  const child = Number(/child (\d+)/.exec(place.events().join())?.[1]);
  await supervisor.part('stubborn').stop();
  assert.equal(isRunning(statOf(pid ?? 0)), false);
  assert.equal(isRunning(statOf(child)), false);
  assert.match(JSON.stringify(events), /did not end within 0.1 s of SIGTERM: killed/);
});

test('a start that fails names the part and the last lines of its log', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [
    { name: 'database', diesAtOnce: true },
    { name: 'app', dependsOn: ['database'] },
  ]);
  await assert.rejects(supervisor.startAll(), (error) => {
    assert.ok(error instanceof PartFailedError);
    assert.equal(error.message, 'database ended with code 3');
    assert.deepEqual(error.lastLines, ['database says hello', 'the database is on fire']);
    return true;
  });
  await supervisor.stopAll();
  assert.equal(place.events().includes('app started'), false);
});

test('a part that does not become healthy in time fails the start', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'app', gate: place.gate('never') }], {
    ...quickTimings,
    startLimitMs: 200,
  });
  await assert.rejects(supervisor.startAll(), /app is not healthy after 0.2 s/);
});

test('a program that cannot be started fails the start with the reason', async (t) => {
  const place = testPlace(t);
  const part = {
    ...fakePart({ name: 'app' }, place.root),
    process: () => ({ file: '/nowhere/app', args: [], env: {} }),
  };
  const { supervisor } = superviseFakes(place, [], quickTimings, [part]);
  await assert.rejects(supervisor.startAll(), /app could not be started: .*ENOENT/);
});

test('parts that cannot be ordered are refused', () => {
  const part = (name: string, ...dependsOn: string[]) => fakePart({ name, dependsOn }, '/nowhere');
  assert.throws(() => checkParts([part('a', 'b'), part('b', 'c'), part('c', 'a')]), /a → b → c → a/);
  assert.throws(() => checkParts([part('a', 'b')]), /a depends on "b", which does not exist/);
  assert.throws(() => checkParts([part('a'), part('a')]), /same name/);
});

test('an unknown name is answered with the known ones', async (t) => {
  const place = testPlace(t);
  const { supervisor } = superviseFakes(place, [{ name: 'users' }, { name: 'orders' }]);
  assert.throws(() => supervisor.part('nix'), UnknownPartError);
  assert.throws(() => supervisor.part('nix'), /"nix"; the parts are users, orders/);
});

/** A part that the mesh can do without while `prepare` makes what it needs. */
function madeLater(place: TestPlace, prepare: () => Promise<void>): Part {
  return { ...fakePart({ name: 'collector' }, place.root), joinsLater: async () => true, prepare };
}

test('the mesh is up before a part whose program is still to be built, and that joins by itself', async (t) => {
  const place = testPlace(t);
  const made = Promise.withResolvers<void>();
  const collector = {
    ...madeLater(place, () => made.promise),
    making: () => ({ step: 'compiling', share: 0.5, seconds_left: null }),
  };
  const { supervisor, events } = superviseFakes(place, [{ name: 'app' }], quickTimings, [collector]);
  await supervisor.startAll();
  assert.equal(supervisor.state(), 'up');
  const status = await supervisor.part('collector').status();
  assert.deepEqual(
    [status.state, status.healthy, status.making?.share],
    ['preparing', false, 0.5],
    'status tells how far it is',
  );
  assert.ok(events.some(({ type }) => type === 'joins-later'));

  made.resolve();
  const joined = await eventually('it has joined', async () => {
    const now = await supervisor.part('collector').status();
    return now.healthy && now;
  });
  assert.deepEqual([joined.restarts, joined.making], [0, null]);
});

test('what is not available is reported once, and obtained by another start', async (t) => {
  const place = testPlace(t);
  let network = false;
  const collector = madeLater(place, async () => {
    if (!network) throw new PartUnobtainableError('no network');
  });
  const { supervisor, events } = superviseFakes(place, [{ name: 'app' }], quickTimings, [collector]);
  await supervisor.startAll();
  const stopped = await eventually('it has given up', async () => {
    const now = await supervisor.part('collector').status();
    return now.state === 'stopped' && now;
  });
  assert.equal(stopped.last_exit, 'could not be started: no network');
  const warnings = events.filter(({ type }) => type === 'warning' || type === 'died');
  assert.deepEqual(warnings, [
    {
      type: 'warning',
      part: 'collector',
      text: 'could not be started: no network; ./mesh start collector makes another attempt',
    },
  ]);
  assert.equal(supervisor.state(), 'up');
  network = true;
  await supervisor.part('collector').start();
  assert.ok((await supervisor.part('collector').status()).healthy);
});

test('a part that is still made holds up no end', async (t) => {
  const place = testPlace(t);
  const made = Promise.withResolvers<void>();
  const collector = madeLater(place, () => made.promise);
  const { supervisor } = superviseFakes(place, [{ name: 'app' }], quickTimings, [collector]);
  await supervisor.startAll();
  const ended = supervisor.stopAll();
  // as a build does that is told to end
  made.reject(new Error('aborted'));
  await ended;
  assert.deepEqual(
    (await supervisor.statuses()).map(({ state }) => state),
    ['stopped', 'stopped'],
  );
});
