/** A mesh comes up, goes down without a trace, and comes up again after its runner was killed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { supervisorClient } from '@microshop/native/supervision/supervisor-client';
import { repositoryRoot, runDirectory } from '@microshop/program-kit/run-directory';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { testInstance } from '@microshop/program-kit/testing/instances';
import { nativePlacement } from '@microshop/topology';
import { saysLate } from '../harness/late.ts';
import { upBeforeJaeger } from './before-jaeger.ts';
import { leftOf, processesOf } from './left.ts';

/** Its own mesh: the ones of a person and of the end-to-end tests have other numbers. */
const instance = testInstance('lifecycle');
const directory = runDirectory(instance);
const supervisor = supervisorClient(directory);
const placement = nativePlacement({ instance });

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function mesh(...args: readonly string[]): Promise<Result> {
  return meshWith({}, ...args);
}

function meshWith(variables: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    const env = { ...process.env, MESH_INSTANCE: String(instance), ...variables };
    const options = { cwd: repositoryRoot, env };
    execFile('./mesh', [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}

interface Status {
  readonly healthy: boolean;
  readonly supervisor_pid: number;
  readonly parts: readonly {
    readonly name: string;
    readonly pid: number;
    readonly healthy: boolean;
    readonly restarts: number;
  }[];
}

async function status(): Promise<Status> {
  const parsed: Status = JSON.parse((await mesh('status', '--json')).stdout);
  return parsed;
}

/** The part's process, once the supervisor has started it again after that one, and it is well. */
async function startedAgain(name: string, killed: number): Promise<void> {
  await eventuallyDespiteErrors(
    `${name} is back`,
    async () => {
      const part = (await supervisor.status())?.parts.find((one) => one.name === name);
      return part !== undefined && part.restarts === 1 && part.healthy && part.pid !== killed;
    },
    120_000,
    200,
  );
}

/** One order, placed once: what became of it. */
async function placeOnce(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${placement.gateway.listen.port}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 1, product_id: 2, quantity: 1 }),
  });
  const text = await response.text();
  if (response.status === 201) return 'accepted';
  // the whole of a machine that is busy, and no word about a replica of orders; one that orders asks may have been late as well
  if (saysLate(JSON.parse(text))) return 'late';
  const { stdout } = await mesh('logs', '--trace', String(response.headers.get('x-trace-id')));
  return /"code":"overloaded"|connection_timeout/.test(stdout)
    ? 'late'
    : `${response.status} ${text}\n${stdout}`;
}

/** Restarts replicas one after the other while orders are placed all the time, each once: none may be lost. */
async function restartsUnderLoad(replicas: readonly string[]): Promise<void> {
  let restarting = true;
  const answers: string[] = [];
  const buyers = Array.from({ length: 3 }, async () => {
    while (restarting) answers.push(await placeOnce());
  });
  try {
    for (const replica of replicas) assert.equal((await mesh('restart', replica)).code, 0);
  } finally {
    restarting = false;
  }
  await Promise.all(buyers);
  assert.ok(answers.includes('accepted'));
  assert.deepEqual(
    answers.filter((answer) => answer !== 'accepted' && answer !== 'late'),
    [],
    `of ${answers.length}`,
  );
}

before(async () => {
  await mesh('down', '--wipe');
});
after(async () => {
  await mesh('down', '--wipe');
});

test('a port in use is named with its holder before anything starts', async () => {
  const holder = createServer().listen(placement.gateway.listen.port, '127.0.0.1');
  try {
    await eventuallyDespiteErrors('the port is taken', async () => (holder.listening ? true : undefined));
    const up = await mesh('up', '--detach');
    assert.equal(up.code, 1);
    assert.match(up.stderr, new RegExp(`${placement.gateway.listen.port}`));
    assert.match(up.stderr, new RegExp(`pid ${process.pid}`));
    assert.deepEqual(
      (await leftOf(instance)).filter((one) => !one.endsWith(`${placement.gateway.listen.port} is taken`)),
      [],
    );
  } finally {
    holder.close();
  }
});

test('a wrong word for the traces is refused with its variable', async () => {
  const wrong = await meshWith({ MESH_KEEP_TRACES: 'yes' }, 'up', '--detach');
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /MESH_KEEP_TRACES can be 0 or 1, not "yes"/);
});

/** Number of the order that `./mesh order` placed. */
function orderIn({ stdout, stderr }: Result): string {
  const [, id] = /^order (\d+) is CONFIRMED$/m.exec(stdout) ?? [];
  assert.ok(id !== undefined, stdout + stderr);
  return id;
}

/** The trace of that order is drawn whole. */
async function whole(id: string): Promise<void> {
  const { code, stdout } = await mesh('trace', id);
  assert.equal(code, 0, `${id}: ${stdout}`);
}

// The meshes of the tests below follow each other: the second finds what the first left, the third what both left.
const onDisk = { MESH_KEEP_TRACES: '1' };
/** Numbers of the orders of the first mesh: before Jaeger was killed, and after that. */
const ofFirst: string[] = [];

test('up without Jaeger, an order that says why it draws nothing, Jaeger built, an order drawn whole', () =>
  upBeforeJaeger(instance, onDisk));

test('an order, a second up, parts that die, an order, down: nothing is left', async () => {
  const first = await status();
  assert.ok(first.healthy);
  assert.ok(
    processesOf(instance).length > first.parts.length,
    'the look for processes finds them while they run',
  );

  ofFirst.push(orderIn(await mesh('order')));
  const again = await mesh('up', '--detach');
  assert.equal(again.code, 0);
  assert.match(again.stderr, /already up/);

  const killed = first.parts.filter(({ name }) => name === 'users' || name === 'jaeger');
  assert.equal(killed.length, 2);
  for (const { pid } of killed) process.kill(pid, 'SIGKILL');
  await Promise.all(killed.map(({ name, pid }) => startedAgain(name, pid)));
  ofFirst.push(orderIn(await mesh('order')));
  // kept on disk, the trace from before Jaeger was killed is there as well
  for (const id of ofFirst) await whole(id);

  // what was set survives; it is reported, and can be cleared without a mesh
  for (const service of ['users', 'products', 'orders']) {
    assert.equal((await mesh('fault', 'set', service, '--abort', '503')).code, 0);
  }
  assert.equal((await mesh('policy', 'set', 'orders', 'products', '--tries', '1')).code, 0);
  const down = await mesh('down');
  assert.equal(down.code, 0);
  assert.match(
    down.stdout,
    /^Kept for its next start:\n {2}fault {3}users for every caller: 100 % answered 503/m,
  );
  assert.deepEqual(await leftOf(instance), []);
  assert.equal((await mesh('fault', 'clear', 'orders')).stdout, '1 fault cleared for the next start\n');
  const list = await mesh('fault', 'list');
  assert.equal(list.code, 1, 'as status of a stopped mesh');
  assert.match(list.stderr, /^ *Kept for its next start:\n.*users.*\n.*products.*\n$/m);
  const reset = await mesh('policy', 'reset');
  assert.equal(reset.stdout, 'Every policy is that of the topology when the mesh starts\n', reset.stderr);
  assert.doesNotMatch((await mesh('status')).stdout, /policy/);
});

test('its runner killed, up works again and keeps the data; traces on disk outlive down and up, those in memory do not', async () => {
  // on a port of its own for this once: every command finds it where it runs
  const moved = { ...onDisk, MESH_PORT_GATEWAY: '18780', MESH_PORT_CONTROL: '18790' };
  const moving = await meshWith(moved, 'up', '--detach');
  assert.equal(moving.code, 0, `faults on its services do not keep it from coming up: ${moving.stderr}`);
  assert.match(moving.stdout, /^Changed on purpose, and in effect:\n {2}fault {3}users for every caller/m);
  assert.equal((await mesh('fault', 'clear')).stdout, '2 faults cleared\n');
  assert.match((await mesh('order')).stdout, /^order 5 is CONFIRMED$/m);
  for (const id of ofFirst) await whole(id);
  const { supervisor_pid: runner } = await status();
  process.kill(runner, 'SIGKILL');
  await eventuallyDespiteErrors('the runner is gone', async () =>
    existsSync(`/proc/${runner}`) ? undefined : true,
  );

  const up = await mesh('up', '--detach', '--replicas', 'orders=2');
  assert.equal(up.code, 0, up.stderr);
  const now = await status();
  assert.ok(now.healthy);
  assert.notEqual(now.supervisor_pid, runner);
  // the orders of the first two meshes are still there, so this is the sixth
  assert.match((await mesh('order')).stdout, /^order 6 is CONFIRMED$/m);

  // this mesh keeps traces in memory, and says what became of the others
  const [, second = ''] = ofFirst;
  const gone = await mesh('trace', second);
  assert.equal(gone.code, 1);
  assert.match(
    gone.stderr.replaceAll(/\s+/g, ' '),
    new RegExp(`Jaeger has no trace of order ${second}, placed`),
  );
  const logs = await mesh('logs', '--order', second);
  assert.equal(logs.code, 0, logs.stderr);
  assert.match(logs.stdout, /order ended/);

  await restartsUnderLoad(['orders', 'orders-2']);
  assert.equal((await mesh('down', '--wipe')).code, 0);
  assert.deepEqual(await leftOf(instance), []);
  assert.equal(existsSync(directory.data), false);
});
