import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualLimits } from './judging.ts';
import { seededRandom, simulate } from './testing/simulation.ts';

const minute = 60;

/** Passes until all that was placed must have been judged or given up. */
const passesToDeadline = Math.ceil(usualLimits.deadlineMs / usualLimits.everyMs) + 1;

for (const percent of [10, 30, 50, 100]) {
  test(`50 orders per second for 15 minutes, ${percent} % incomplete: the figure is the truth, or none`, async () => {
    const mesh = simulate();
    const random = seededRandom(percent + 1);
    let told = 0;
    for (let minutes = 1; minutes <= 15; minutes += 1) {
      await mesh.run(minute, 50, () => (random() < percent / 100 ? 'incomplete' : 'whole'));
      const { ratio, share, orders } = mesh.judging.figure();
      if (ratio === null) continue;
      told += 1;
      const truth = 1 - percent / 100;
      const judged = orders.complete + orders.incomplete;
      const error = Math.sqrt((truth * (1 - truth)) / judged);
      assert.ok(Math.abs(ratio - truth) <= 4 * error, `minute ${minutes}: ${ratio}, ${judged} judged`);
      assert.ok(share !== null && share > 0.1 && share < 0.2, `share ${share}`);
      assert.equal(orders.unproven, 0);
      // what waits is what was placed in the last seconds, not a backlog that grows
      assert.ok(orders.waiting <= 20 * usualLimits.perSecond, `${orders.waiting} waiting`);
    }
    assert.ok(told >= 14, `told in ${told} of 15 minutes`);
  });
}

test('what the share changes in between changes nothing: a rush with every second one incomplete', async () => {
  const mesh = simulate();
  await mesh.run(2 * minute, 5, () => 'whole');
  const random = seededRandom(3);
  await mesh.run(minute, 100, () => (random() < 0.5 ? 'incomplete' : 'whole'));
  await mesh.run(minute, 5, () => 'whole');
  const { ratio } = mesh.judging.figure();
  const truth = mesh.truth(usualLimits.windowMs);
  assert.ok(ratio !== null && Math.abs(ratio - truth) < 0.05, `${ratio} instead of ${truth}`);
});

test('up to eight orders per second all are judged', async () => {
  const mesh = simulate();
  await mesh.run(3 * minute, 8, () => 'whole');
  for (let pass = 0; pass < 5; pass += 1) await mesh.pass();
  const { share, placed, orders } = mesh.judging.figure();
  assert.equal(share, 1);
  assert.equal(placed, 3 * minute * 8);
  assert.equal(orders.complete, placed);
  assert.equal(new Set(mesh.read).size, mesh.read.length, 'each trace is read once');
});

test('memory is bounded: 500 orders per second for longer than the window', async () => {
  // Jaeger keeps none of them long enough: each stays until its deadline
  const mesh = simulate({ jaegerKeeps: 100 });
  const bound = (usualLimits.perSecond * usualLimits.windowMs) / 1000 + usualLimits.burst;
  for (let seconds = 0; seconds < 360; seconds += 30) {
    await mesh.run(30, 500, () => 'whole');
    assert.ok(mesh.judging.size <= bound, `${mesh.judging.size} kept`);
  }
  assert.ok(mesh.judging.size > bound / 2, 'the test comes near the bound');
  const { ratio, orders } = mesh.judging.figure();
  assert.equal(ratio, null);
  assert.equal(orders.complete + orders.incomplete, 0);
});

test('what is older than the window is forgotten', async () => {
  const mesh = simulate();
  await mesh.run(10, 5, () => 'incomplete');
  for (let pass = 0; pass < 10; pass += 1) await mesh.pass();
  assert.equal(mesh.judging.figure().orders.incomplete, 50);
  for (let ms = 0; ms < usualLimits.windowMs; ms += usualLimits.everyMs) await mesh.pass();
  const { placed, orders, share, missing } = mesh.judging.figure();
  assert.deepEqual([mesh.judging.size, placed, orders.incomplete, share, missing], [0, 0, 0, null, []]);
});

test('a trace Jaeger does not hold is read again, and unproven by its deadline, never whole', async () => {
  const mesh = simulate();
  mesh.place({ trace: 'none' });
  for (let pass = 0; pass < 10; pass += 1) await mesh.pass();
  assert.deepEqual(mesh.judging.figure().orders.waiting, 1);
  assert.ok(mesh.read.length > 1);
  for (let pass = 0; pass < passesToDeadline; pass += 1) await mesh.pass();
  const { ratio, orders } = mesh.judging.figure();
  assert.deepEqual(orders, { complete: 0, incomplete: 0, unprovable: 0, unproven: 1, waiting: 0 });
  assert.equal(ratio, null);
});

test('traces that are read again hold up no new ones', async () => {
  const mesh = simulate();
  await mesh.run(minute, 8, () => 'none');
  const before = mesh.judging.figure().orders.complete;
  assert.equal(before, 0);
  await mesh.run(minute, 8, () => 'whole');
  for (let pass = 0; pass < 5; pass += 1) await mesh.pass();
  assert.equal(mesh.judging.figure().orders.complete, minute * 8);
});

test('an order that has not ended is not judged, and holds up no other', async () => {
  const mesh = simulate();
  for (let order = 0; order < 200; order += 1) mesh.place({ trace: 'incomplete', endedMs: Infinity });
  for (let pass = 0; pass < 6; pass += 1) await mesh.pass();
  assert.equal(mesh.judging.figure().orders.incomplete, 0);
  assert.equal(mesh.read.length, 0);
  const { waiting } = mesh.judging.figure().orders;
  assert.ok(waiting > 0);
  const { traceId } = mesh.place();
  for (let pass = 0; pass < 6; pass += 1) await mesh.pass();
  assert.deepEqual(mesh.read, [traceId]);
  assert.equal(mesh.judging.figure().orders.complete, 1);
  for (let pass = 0; pass < passesToDeadline; pass += 1) await mesh.pass();
  const { orders } = mesh.judging.figure();
  assert.deepEqual([orders.unproven, orders.waiting], [waiting, 0]);
});

test('the last spans have their time after the end of an order, however late that is', async () => {
  const mesh = simulate();
  const { endedMs = 0 } = mesh.place({ endedMs: mesh.now() + 30_000 });
  while (mesh.judging.figure().orders.complete === 0) {
    assert.equal(mesh.read.length, 0);
    await mesh.pass();
    assert.ok(mesh.now() < endedMs + 60_000);
  }
  assert.ok(mesh.now() - endedMs >= usualLimits.settleMs);
});

test('a Jaeger that was restarted: what it forgot is unproven, what comes after is judged', async () => {
  const mesh = simulate();
  await mesh.run(minute, 5, () => 'whole');
  const judged = mesh.judging.figure().orders.complete;
  mesh.forgetTraces();
  await mesh.run(minute, 5, () => 'whole');
  for (let pass = 0; pass < passesToDeadline; pass += 1) await mesh.pass();
  const { ratio, orders } = mesh.judging.figure();
  assert.equal(orders.incomplete, 0);
  assert.equal(orders.unproven, minute * 5 - judged);
  assert.equal(orders.complete, judged + minute * 5);
  assert.equal(ratio, 1);
});

test('what Jaeger forgot when it was down, as the runner reports, is unprovable: its content is unknown', async () => {
  const mesh = simulate();
  await mesh.run(minute, 5, () => 'whole');
  const judged = mesh.judging.figure().orders.complete;
  assert.ok(judged > 0);
  mesh.forgetTraces('reported');
  await mesh.run(minute, 5, () => 'whole');
  for (let pass = 0; pass < passesToDeadline; pass += 1) await mesh.pass();
  const { ratio, orders } = mesh.judging.figure();
  assert.deepEqual([ratio, orders.unproven, orders.unprovable], [1, 0, minute * 5 - judged]);
});

test('without Jaeger a pass fails, and what was not judged in time is unproven', async () => {
  const mesh = simulate();
  await mesh.run(minute, 1, () => 'whole');
  const before = mesh.judging.figure().orders;
  mesh.unavailable = 'jaeger';
  await assert.rejects(mesh.pass(), /no Jaeger/);
  for (let pass = 0; pass < passesToDeadline; pass += 1) await mesh.pass().catch(() => undefined);
  const { orders } = mesh.judging.figure();
  assert.deepEqual([orders.complete, orders.waiting], [before.complete, 0]);
  assert.equal(orders.unproven, minute - before.complete);
  mesh.unavailable = undefined;
  mesh.place();
  for (let pass = 0; pass < 6; pass += 1) await mesh.pass();
  assert.equal(mesh.judging.figure().orders.complete, before.complete + 1);
});

test('orders placed while Jaeger was still built are unprovable: nobody could take their spans', async () => {
  const mesh = simulate();
  const fromMs = mesh.now();
  mesh.unavailable = 'jaeger';
  mesh.gaps.push({ service: undefined, fromMs, toMs: Infinity });
  for (let second = 0; second < 10; second += 1) mesh.place({ trace: 'none' });
  for (let pass = 0; pass < passesToDeadline; pass += 1) await mesh.pass().catch(() => undefined);
  mesh.unavailable = undefined;
  mesh.gaps.splice(0, 1, { service: undefined, fromMs, toMs: mesh.now() });
  for (let pass = 0; pass < 2; pass += 1) await mesh.pass();
  mesh.place({ trace: 'none' });
  mesh.place();
  for (let pass = 0; pass < passesToDeadline; pass += 1) await mesh.pass();
  const { orders } = mesh.judging.figure();
  assert.deepEqual(orders, { complete: 1, incomplete: 0, unprovable: 10, unproven: 1, waiting: 0 });
});

test('orders of a time without the database are seen when it is back: judged, or unproven', async () => {
  const mesh = simulate();
  mesh.place();
  for (let pass = 0; pass < 6; pass += 1) await mesh.pass();
  mesh.unavailable = 'database';
  mesh.place({ trace: 'incomplete' });
  mesh.place({ trace: 'none' });
  for (let pass = 0; pass < passesToDeadline; pass += 1) await assert.rejects(mesh.pass(), /no database/);
  mesh.unavailable = undefined;
  await mesh.pass();
  const { placed, orders } = mesh.judging.figure();
  assert.equal(placed, 3);
  assert.deepEqual(orders, { complete: 1, incomplete: 1, unprovable: 0, unproven: 1, waiting: 0 });
});

test('after a restart the judge goes on with what can still be judged in time', async () => {
  const mesh = simulate();
  await mesh.run(4 * minute, 2, () => 'whole');
  mesh.restartJudge();
  for (let pass = 0; pass < 6; pass += 1) await mesh.pass();
  const { ratio, placed, orders } = mesh.judging.figure();
  assert.equal(ratio, 1);
  assert.ok(
    placed >= (usualLimits.deadlineMs / 1000 - 10) * 2 && placed < 3 * minute * 2,
    `${placed} placed`,
  );
  assert.equal(orders.unproven, 0);
});

test('an order whose event keeps no trace is looked for by its number', async () => {
  const mesh = simulate();
  mesh.place({ untraced: true, trace: 'incomplete' });
  for (let pass = 0; pass < 6; pass += 1) await mesh.pass();
  assert.equal(mesh.judging.figure().orders.incomplete, 1);
});
