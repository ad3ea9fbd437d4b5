import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { UsageError } from '@microshop/cli/output/errors';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { nativePlacement } from '@microshop/topology';
import { readSchedule, scheduleIn } from './schedule-file.ts';

const placement = nativePlacement();
const abort = { at_ms: 0, for_ms: 1000, kind: 'calls', service: 'products', abort: 503, percent: 50 };
const pause = { at_ms: 500, for_ms: 2000, kind: 'pause', part: 'postgres' };
const kill = { at_ms: 1000, kind: 'kill', part: 'orders' };
const others = [
  { at_ms: 0, for_ms: 1000, kind: 'duplicates', times: 3 },
  { at_ms: 0, for_ms: 1000, kind: 'poison', poison: 'not-json', to: 'products', every_ms: 250 },
  { at_ms: 0, kind: 'sale', rate: 30, seconds: 3, units: 30 },
  { at_ms: 0, for_ms: 1000, kind: 'memory-alarm', part: 'rabbitmq' },
];
const load = { rate: 10, seconds: 3 };
const read = (document: unknown) => readSchedule(JSON.stringify(document), 'mine.json', placement);

test('a schedule of every kind of fault, overlapping, is read as it stands', () => {
  const document = {
    load: { ...load, repeats: 2, twice: 0.5 },
    seed: 7,
    faults: [abort, pause, kill, ...others],
  };
  assert.deepEqual(read(document), document);
  assert.deepEqual(read({ load, faults: [kill] }), { load, faults: [kill] });
});

for (const [what, document, says] of [
  ['no load', { faults: [kill] }, 'load is required'],
  ['a bare list', [kill], 'it must be object'],
  ['a field that is none', { load, faults: [kill], fault: 1 }, 'fault is not known; remove it'],
  ['more than every buyer', { load: { ...load, twice: 2 }, faults: [kill] }, 'load.twice must be <= 1'],
  ['a rate of nothing', { load: { ...load, rate: 0 }, faults: [kill] }, 'load.rate must be >= 1'],
  ['no fault', { load, faults: [] }, 'faults must not have fewer than 1 items'],
  [
    'a kind that is none',
    { load, faults: [{ ...kill, kind: 'melt' }] },
    'faults[0].kind must be one of calls, kill, pause, down, read-only, hold-commits, hold-locks, memory-alarm, duplicates, poison, sale, not "melt"',
  ],
  [
    'a fault without its time',
    { load, faults: [{ ...pause, for_ms: undefined }] },
    'faults[0].for_ms is required',
  ],
  ['a time that is none', { load, faults: [kill, { ...pause, for_ms: 0 }] }, 'faults[1].for_ms must be >= 1'],
  [
    'a length of a kill',
    { load, faults: [{ ...kill, for_ms: 5 }] },
    'faults[0].for_ms is not known; remove it',
  ],
  [
    'poison of no kind',
    { load, faults: [{ ...others[1], poison: 'arsenic' }] },
    'faults[0].poison must be one of not-json, missing-field, unknown-type, no-id',
  ],
  [
    'calls that nothing happens to',
    { load, faults: [{ ...abort, abort: undefined }] },
    /^mine\.json: faults\[0\]: A fault must do something: --abort/,
  ],
  [
    'a caller that does not call it',
    { load, faults: [{ ...abort, from: 'users' }] },
    'faults[0]: users does not call products; its callers are gateway, orders',
  ],
  [
    'a part that is none',
    { load, faults: [{ ...kill, part: 'order' }] },
    /^mine\.json: faults\[0\]\.part: There is no part "order"/,
  ],
  [
    'a replica of a part that the mesh has not',
    { load, faults: [{ ...kill, part: 'orders-2' }] },
    /^mine\.json: faults\[0\]\.part: There is no part "orders-2"/,
  ],
  [
    'a replica whose calls there are not',
    { load, faults: [{ ...abort, replica: 2 }] },
    'faults[0]: There is no replica 2 of products: it has 1',
  ],
  [
    'a state that the part does not know',
    { load, faults: [{ ...pause, kind: 'memory-alarm' }] },
    'faults[0].part must be rabbitmq: postgres does not support memory-alarm',
  ],
  ['a time before the begin', { load, faults: [{ ...kill, at_ms: -1 }] }, 'faults[0].at_ms must be >= 0'],
  [
    'a time that never comes',
    { load, faults: [{ ...kill, at_ms: 1e12 }] },
    'faults[0].at_ms must be <= 600000',
  ],
  ['no share of the calls', { load, faults: [{ ...abort, percent: 0 }] }, 'faults[0].percent must be >= 1'],
  ['no fault in the place of one', { load, faults: [null] }, 'faults[0] must be object'],
  ['a fault without its kind', { load, faults: [{ at_ms: 0 }] }, 'faults[0].kind is required'],
  [
    'more buyers than a search has',
    { load: { ...load, rate: 201 }, faults: [kill] },
    'load.rate must be <= 200',
  ],
  [
    'a second sale, at whatever time',
    { load: { rate: 10, seconds: 20 }, faults: [others[2], { ...others[2], at_ms: 10_000 }] },
    'faults[1] is a sale, and so is faults[0]; a schedule has one at most',
  ],
  [
    'a sale that cannot be sold out',
    { load, faults: [{ ...others[2], units: 90 }] },
    'faults[0].units must be below 90: so many buyers come, and some have to find it sold out',
  ],
  [
    'the part that heals',
    { load, faults: [{ ...kill, part: 'control' }] },
    'faults[0].part must not be control: it ends the faults, and does the audit',
  ],
  [
    'two faults at one place',
    { load, faults: [pause, { ...pause, kind: 'down' }] },
    'faults[1] is at postgres while faults[0] is; move one of them, or make calls that are slow and fail one fault',
  ],
  [
    'calls of a sidecar that is down',
    { load, faults: [abort, { ...pause, part: 'products-sidecar' }] },
    /^mine\.json: faults\[1\] is at products-sidecar while faults\[0\] is/,
  ],
  [
    'a fault that is longer than the load',
    { load: { rate: 10, seconds: 2 }, faults: [pause] },
    'load.seconds must be at least 3: the last fault ends then',
  ],
] as const) {
  test(`${what} is refused, with the field and what it can be`, () => {
    assert.throws(
      () => read(document),
      (error) => {
        assert.ok(error instanceof UsageError);
        if (typeof says === 'string') assert.equal(error.message, `mine.json: ${says}`);
        else assert.match(error.message, says);
        return true;
      },
    );
  });
}

test('each mistake has its line, and what is no JSON says so', () => {
  const faults = [
    { ...pause, for_ms: 'long' },
    { ...kill, kind: 'melt' },
  ];
  assert.throws(
    () => read({ load, faults }),
    /^UsageError: mine\.json: faults\[0\]\.for_ms must be \w+\nmine\.json: faults\[1\]\.kind/,
  );
  assert.throws(() => readSchedule('{', 'mine.json', placement), /^UsageError: mine\.json: it is not JSON: /);
});

test('a mark of the byte order before the text is no part of it', () => {
  const text = JSON.stringify({ load, faults: [kill] });
  assert.deepEqual(readSchedule(`\uFEFF${text}`, 'mine.json', placement).faults, [kill]);
});

test('the example of the page is a schedule', () => {
  const page = readFileSync(path.join(repositoryRoot, 'docs/search.md'), 'utf8');
  const [, example = ''] = /^```json\n(.*?)^```$/ms.exec(page) ?? [];
  assert.equal(readSchedule(example, 'docs/search.md', placement).faults.length, 2);
});

test('a file that is not there is named', async () => {
  await assert.rejects(
    scheduleIn('no.json', placement),
    /^UsageError: no\.json cannot be read: there is no such file/,
  );
});

test('what others wait for can be killed meanwhile, and not before they wait', () => {
  const dies = { ...kill, part: 'postgres' };
  for (const kind of ['pause', 'hold-commits', 'hold-locks']) {
    assert.equal(read({ load, faults: [{ ...pause, kind }, dies] }).faults.length, 2);
  }
  assert.throws(
    () => read({ load, faults: [pause, { ...dies, at_ms: pause.at_ms }] }),
    /faults\[1\] is at postgres/,
  );
  assert.throws(
    () => read({ load, faults: [{ ...pause, kind: 'read-only' }, dies] }),
    /faults\[1\] is at postgres/,
  );
});

test('the same place is free again once a fault has ended', () => {
  const later = { ...pause, at_ms: 2501, for_ms: 400 };
  assert.equal(read({ load, faults: [pause, later] }).faults.length, 2);
});
