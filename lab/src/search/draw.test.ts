import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedHops, type Hop } from '@microshop/control/trace/expected';
import { nativePlacement } from '@microshop/topology';
import type { TimedFault } from '../experiment/definition.ts';
import { drawn, faultsOf, groundOf, orderEdges, smaller } from './draw.ts';
import { endOf, placeOf } from './schedule.ts';
import { readSchedule } from './schedule-file.ts';
import { scheduleOf } from './search.ts';

const placement = nativePlacement();
const native = groundOf(placement, true);
const contained = groundOf(placement, false);
const many = (seed: number, ground = native) => drawn(seed, 200, ground).map(faultsOf);

test('a seed draws the same schedules, another one others', () => {
  assert.deepEqual(many(7), many(7));
  assert.deepEqual(many(7).slice(0, 50), drawn(7, 50, native).map(faultsOf));
  assert.notDeepEqual(many(7), many(8));
});

test('only edges that the trace of an order shows are drawn, and all of them', () => {
  const names = (hop: Hop): string[] => [hop.name, ...hop.below.flatMap(names)];
  const hops = expectedHops.flatMap(names);
  for (const { caller, callee } of orderEdges) {
    assert.ok(
      hops.some((name) => name.startsWith(`${caller} calls ${callee}`)),
      `${caller} calls ${callee} is a hop`,
    );
  }
  const drawnEdges = new Set(
    many(7)
      .flat()
      .flatMap((fault) => (fault.kind === 'calls' ? [`${fault.from} calls ${fault.service}`] : [])),
  );
  assert.deepEqual(
    [...drawnEdges].sort(),
    orderEdges.map(({ caller, callee }) => `${caller} calls ${callee}`).sort(),
  );
});

test('natively every kind of fault is drawn, in containers only what needs no power over a process', () => {
  const kinds = (ground: typeof native) =>
    [
      ...new Set(
        many(7, ground)
          .flat()
          .map(({ kind }) => kind),
      ),
    ].sort();
  assert.deepEqual(kinds(native), [
    ...['calls', 'down', 'duplicates', 'hold-commits', 'hold-locks', 'kill'],
    ...['memory-alarm', 'pause', 'poison', 'read-only', 'sale'],
  ]);
  assert.deepEqual(kinds(contained), ['calls', 'duplicates', 'poison', 'sale']);
});

test('what is drawn can be kept as a file and read, overlaps, and is short', () => {
  const schedules = drawn(7, 200, native).map((draw) => scheduleOf(draw, { seed: 7, rate: 10 }));
  for (const schedule of schedules) {
    assert.deepEqual(readSchedule(JSON.stringify(schedule), 'drawn', placement), schedule);
    assert.ok(schedule.load.seconds <= 8 && schedule.faults.length <= 4);
  }
  const overlapping = schedules.filter(({ faults }) =>
    faults.some((one, index) => faults.some((other, at) => at !== index && other.at_ms === one.at_ms)),
  );
  assert.ok(overlapping.length > 20, `${overlapping.length} of 200 have faults at the same time`);
});

/** Whatever dies in a schedule while another fault lasts. */
function deathsMeanwhile(faults: readonly TimedFault[]): string[] {
  const kills = faults.filter((fault) => fault.kind === 'kill');
  return faults.flatMap((one) =>
    kills
      .filter((kill) => 'part' in one && one.at_ms < kill.at_ms && kill.at_ms < endOf(one))
      .map((kill) => `${placeOf(one)} ${one.kind}, ${kill.part} dies`),
  );
}

test('some twenty schedules of any seed have who publishes die while each server makes it wait, and that server', () => {
  const states = [
    ...['postgres pause', 'postgres hold-commits', 'postgres hold-locks'],
    ...['rabbitmq pause', 'rabbitmq memory-alarm'],
  ];
  const wanted = [
    ...states.flatMap((state) =>
      ['orders', 'products', state.split(' ')[0]].map((part) => `${state}, ${part} dies`),
    ),
  ];
  for (let seed = 1; seed <= 20; seed += 1) {
    const dealt = new Set(drawn(seed, 26, native).map(faultsOf).flatMap(deathsMeanwhile));
    assert.deepEqual(
      wanted.filter((one) => !dealt.has(one)),
      [],
      `seed ${seed}`,
    );
  }
});

test('no card is dealt again before all others were', () => {
  const sales = many(7).flatMap((faults, index) =>
    faults.some(({ kind }) => kind === 'sale') ? [index] : [],
  );
  // two cards of some 41 have a sale, and a schedule has two cards or three
  const gaps = sales.slice(1).map((at, index) => at - (sales[index] ?? 0));
  assert.ok(Math.max(...gaps) < 40, `${Math.max(...gaps)} schedules without a sale`);
});

test('smaller ones have a fault less first, then one that is shorter, weaker or earlier', () => {
  const draw = drawn(7, 50, native).find((one) => one.length === 3);
  assert.ok(draw);
  const candidates = [...smaller(draw)];
  assert.deepEqual(
    candidates.slice(0, 3).map((one) => one.length),
    [2, 2, 2],
  );
  assert.ok(candidates.length > 3);
  for (const one of candidates.slice(3)) {
    assert.equal(one.length, 3);
    const before: ReadonlySet<string> = new Set(faultsOf(draw).map((fault) => JSON.stringify(fault)));
    const changed: readonly TimedFault[] = faultsOf(one).filter(
      (fault) => !before.has(JSON.stringify(fault)),
    );
    assert.equal(changed.length, 1, 'one fault is another one');
    assert.ok(
      faultsOf(draw).some(
        ({ kind, at_ms: at, for_ms: length = 0 }) =>
          kind === changed[0]?.kind && at >= changed[0].at_ms && length >= (changed[0].for_ms ?? 0),
      ),
      'no later and no longer than one of its kind',
    );
  }
});
