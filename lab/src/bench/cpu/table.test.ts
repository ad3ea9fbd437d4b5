import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineTicks, type ProcessTicks, type Snapshot, snapshot } from './processes.ts';
import { cpuTable, meshMs, type Owners, rows } from './table.ts';

const process_ = (pid: number, ticks: number, more: Partial<ProcessTicks> = {}): ProcessTicks => ({
  pid,
  parentPid: 1,
  group: pid,
  startTicks: pid,
  ticks,
  childTicks: 0,
  ...more,
});

const shot = (used: number, processes: readonly ProcessTicks[], interrupts = 0, stolen = 0): Snapshot => ({
  processes: new Map(processes.map((one) => [one.pid, one])),
  machine: { used, interrupts, stolen },
});

const owners: Owners = new Map([
  [100, 'services'],
  [200, 'PostgreSQL'],
  [300, 'client'],
]);

/** What each row adds up to must be what the kernel says. */
function checkedTable(before: Snapshot, after: Snapshot) {
  const table = cpuTable(before, after, owners);
  assert.equal(
    rows.reduce((sum, row) => sum + table.ms[row], 0),
    table.machineMs,
  );
  return table;
}

test('a process counts with what it used between the two moments, by its part', () => {
  const before = shot(1000, [process_(100, 50), process_(300, 5), process_(900, 400)]);
  const after = shot(1100, [process_(100, 80), process_(300, 10), process_(900, 440)], 7, 3);
  const { ms, machineMs, stolenMs } = checkedTable(before, after);
  assert.equal(ms.services, 300);
  assert.equal(ms.client, 50);
  assert.equal(ms.others, 400);
  assert.equal(ms.interrupts, 70);
  assert.equal(machineMs, 1070);
  assert.equal(stolenMs, 30);
  assert.equal(meshMs(ms), 300);
});

test('what no process accounts for is a row, and may be below zero: ticks are rounded', () => {
  assert.equal(checkedTable(shot(0, []), shot(60, [])).ms.rest, 600);
  const more = checkedTable(shot(0, [process_(100, 0)]), shot(60, [process_(100, 70)]));
  assert.equal(more.ms.rest, -100);
});

test('a process belongs to the nearest part above it, or to that of its group', () => {
  const backend = process_(201, 10, { parentPid: 200 });
  const deeper = process_(202, 5, { parentPid: 201 });
  const wrapped = process_(203, 3, { group: 200 });
  const child = process_(101, 2, { parentPid: 100 });
  const after = shot(100, [process_(200, 1), backend, deeper, wrapped, process_(100, 0), child]);
  const { ms } = checkedTable(shot(0, []), after);
  assert.equal(ms.PostgreSQL, 190);
  assert.equal(ms.services, 20);
});

test('a child that ends counts once: what it had used before is not counted again as its parent’s', () => {
  const before = shot(0, [process_(200, 100), process_(201, 40, { parentPid: 200 })]);
  // it used 5 more, ended, and its parent waited for it
  const after = shot(30, [process_(200, 100 + 20 + 45, { childTicks: 45 })]);
  assert.equal(checkedTable(before, after).ms.PostgreSQL, 250);
  // nobody waited for it: its time is lost to the processes, and nothing is taken off
  const lost = shot(30, [process_(200, 120)]);
  const { ms } = checkedTable(before, lost);
  assert.equal(ms.PostgreSQL, 200);
  assert.equal(ms.rest, 100);
});

test('a whole tree that ends counts once, at the process that is left of it', () => {
  const child = process_(201, 40, { parentPid: 200 });
  const before = shot(0, [process_(200, 100), child, process_(202, 300, { parentPid: 201 })]);
  const after = shot(20, [process_(200, 100 + 340 + 15, { childTicks: 340 + 10 })]);
  assert.equal(checkedTable(before, after).ms.PostgreSQL, 150);
});

test('the long past of a foreign process that ends is not taken for what others used now', () => {
  const before = shot(0, [process_(900, 10), process_(901, 5000, { parentPid: 902 })]);
  // 900 reaped an orphan that had become its child
  const after = shot(50, [process_(900, 10 + 20 + 5000, { childTicks: 5000 })]);
  const { ms } = checkedTable(before, after);
  assert.equal(ms.others, 200);
  assert.equal(ms.rest, 300);
});

test('a pid that was given to another process is not taken for the first one', () => {
  const before = shot(0, [process_(100, 500)]);
  const after = shot(10, [process_(100, 8, { startTicks: 999 })]);
  assert.equal(checkedTable(before, after).ms.services, 80);
});

test('the line of all CPUs is read by its fields, and another form is refused', () => {
  const text = 'cpu  10 20 30 4000 50 6 7 8 9 9\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
  assert.deepEqual(machineTicks(text), { used: 60, interrupts: 13, stolen: 8 });
  assert.throws(() => machineTicks('cpu0 1 2 3\n'), /no line of all CPUs/);
});

test('this process is found on this machine, and CPU it burns is in its row', () => {
  const before = snapshot();
  const end = process.cpuUsage().user + 100_000;
  while (process.cpuUsage().user < end);
  const after = snapshot();
  const { ms, machineMs } = cpuTable(before, after, new Map([[process.pid, 'client']]));
  assert.ok(ms.client >= 80, `${ms.client} ms`);
  assert.ok(machineMs >= 0);
});
