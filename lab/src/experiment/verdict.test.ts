import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from './facts.ts';
import { goodAudit, goodFacts, goodPhase, someExperiment, someLayer } from './testing.ts';
import { verdictOf, whatIsBroken } from './verdict.ts';

/** The good facts with some of them changed. */
const facts = (changed: Partial<Facts>): Facts => ({ ...goodFacts, ...changed });
const unprovable = { ...someExperiment, traces: 'unprovable' } as const;
const { phases } = goodFacts;

test('a run in which everything holds passes, without a reason', () => {
  assert.deepEqual(verdictOf(goodFacts), { verdict: 'PASS', reasons: [] });
});

for (const [what, changed, reason] of [
  ['the run ended early', { interrupted: 'it was interrupted' }, 'the run ended early: it was interrupted'],
  ['the clock was set', { clock_step_ms: 2000 }, 'the clock of the machine was set by 2.0 s during the run'],
  ['k6 left no summary', { dropped: null }, 'k6 left no summary: the load did not come to its end'],
  [
    'k6 was starved',
    { dropped: 7 },
    'k6 dropped 7 iterations: it had too few virtual users (VUS) or too little CPU for this load',
  ],
  [
    'too few buyers came',
    { phases: { ...phases, heal: { ...goodPhase, rate_per_s: 8.8 } } },
    '8.8 buyers per second came in phase heal, not 10',
  ],
  ['the machine became slower', { drift: 0.69 }, 'the machine was 69.0 % as fast after the run as before it'],
  [
    'the machine became faster',
    { drift: 1.31 },
    'the machine was 131.0 % as fast after the run as before it',
  ],
  [
    'orders failed before the fault',
    { phases: { ...phases, steady: { ...goodPhase, success: 0.98 } } },
    'the mesh was not healthy before the fault: 98.0 % of the buyers got an order, p95 60 ms',
  ],
  [
    'orders were slow before the fault',
    { phases: { ...phases, steady: { ...goodPhase, p95_ms: 901 } } },
    'the mesh was not healthy before the fault: 100.0 % of the buyers got an order, p95 901 ms',
  ],
  [
    'the fault did nothing',
    { witness: { landed: false, saw: 'no call met it' } },
    'the fault has no witness: no call met it',
  ],
  [
    'the mesh did not settle',
    { audit: { ...goodAudit, settled: false, waited_ms: 30_000 } },
    'the mesh had not settled 30 s after the load',
  ],
  [
    'the audit could not read',
    { audit: { ...goodAudit, unread: ['orders_db: connection refused', 'RabbitMQ: gone'] } },
    'the audit could not read orders_db: connection refused; RabbitMQ: gone',
  ],
  [
    'traces were not judged',
    { traces: { ...goodFacts.traces, complete: 298, unjudged: 2 } },
    '2 traces could not be judged',
  ],
  [
    'the attempts of a layer were not counted',
    { layers: [someLayer('gateway → orders', 300, 1)] },
    'the attempts of orders → products could not be counted',
  ],
  [
    'a figure of a limit is missing',
    { phases: { ...phases, fault: { ...goodPhase, success: null } } },
    'fault.success is not known',
  ],
  [
    'the last phase was over before the mesh had recovered, and before the limit for that',
    { phases: { ...phases, heal: { ...goodPhase, seconds: 4 } }, recovery_s: 4 },
    'recovery_s is not known: requests failed to the end of phase heal, 4.0 s',
  ],
] as const satisfies readonly (readonly [string, Partial<Facts>, string])[]) {
  test(`${what}: INVALID`, () => {
    assert.deepEqual(verdictOf(facts(changed)), { verdict: 'INVALID', reasons: [reason] });
  });
}

for (const [what, changed, reason] of [
  [
    'a figure is below its limit',
    { phases: { ...phases, fault: { ...goodPhase, success: 0.7 } } },
    'fault.success is 0.7, below 0.9',
  ],
  ['a figure is above its limit', { recovery_s: 5.01 }, 'recovery_s is 5.01, above 5'],
  [
    'an invariant of the audit is broken',
    {
      audit: {
        ...goodAudit,
        invariants: [
          {
            id: 'I1',
            says: 'every acknowledged order exists',
            verdict: 'BROKEN',
            why: '',
            broken_count: 1,
            broken_by: ['order 7 does not exist'],
          },
        ],
      },
    },
    'I1 is broken (every acknowledged order exists): order 7 does not exist',
  ],
  ['answers come too late', { p99_ms: 3851 }, 'I5 is broken: p99 is 3851 ms, above 3850 ms'],
  [
    'a layer makes more attempts than its policy allows',
    { layers: [someLayer('gateway → orders', 300, 1), someLayer('orders → products', 300, 3.2)] },
    'I6 is broken: orders → products made 3.20 attempts per call, of 3',
  ],
  [
    'an order is sent again that the app has seen',
    { seen_twice: ['a', 'b', 'c', 'd'] },
    'I6 is broken: the gateway sent 4 requests again that orders had seen: a, b, c',
  ],
  [
    'a fault is left',
    { faults_left: ['products-sidecar', 'users-sidecar'] },
    'after the end of all faults there was one at products-sidecar, users-sidecar',
  ],
  [
    'a failure is of another kind than the fault',
    { codes: { dependency_unavailable: 3, internal: 1 } },
    'I7 is broken: 1 answers were internal, which this fault does not explain',
  ],
  [
    'a trace is not whole',
    {
      traces: {
        ...goodFacts.traces,
        complete: 299,
        incomplete: 1,
        missing: ['0af7 lacks the relay', '0af8 lacks it, too'],
      },
    },
    'I8 is broken: 1 traces are not whole: 0af7 lacks the relay; 0af8 lacks it, too',
  ],
] as const satisfies readonly (readonly [string, Partial<Facts>, string])[]) {
  test(`${what}: FAIL`, () => {
    assert.deepEqual(verdictOf(facts(changed)), { verdict: 'FAIL', reasons: [reason] });
  });
}

test('where the part hangs that keeps the deadline, late answers break nothing', () => {
  const schedule = { file: 'mine.json', in_time: false, uncounted: [], lossy: [] };
  const late = (in_time: boolean) =>
    verdictOf(facts({ p99_ms: 4100, experiment: { ...someExperiment, schedule: { ...schedule, in_time } } }));
  assert.deepEqual([late(false).verdict, late(true).verdict], ['PASS', 'FAIL']);
});

test('a schedule after which the mesh does not settle is judged, one that could not be read is not', () => {
  const schedule = { file: 'mine.json', in_time: true, uncounted: [], lossy: [] };
  const audit = { ...goodAudit, settled: false, waited_ms: 30_000 };
  const judged = (unread: string[]) =>
    verdictOf(facts({ audit: { ...audit, unread }, experiment: { ...someExperiment, schedule } }));
  // the audit itself says that I4 is broken then (audit-since.ts)
  assert.equal(judged([]).verdict, 'PASS');
  assert.equal(judged(['RabbitMQ cannot be read']).verdict, 'INVALID');
});

test('what is not known breaks nothing, and neither do limits of the other side', () => {
  const { verdict, reasons } = verdictOf(
    facts({
      layers: [
        someLayer('gateway → orders', 300, 1),
        { ...someLayer('orders → products', 0, 1), attempts_per_call: null },
        someLayer('users → none', 9, 9),
      ],
      p99_ms: null,
      experiment: {
        ...someExperiment,
        traces: 'unprovable',
        limits: [
          { figure: 'fault.success', most: 1 },
          { figure: 'recovery_s', least: 0 },
        ],
      },
      traces: { ...goodFacts.traces, incomplete: 3, unjudged: 2 },
    }),
  );
  assert.deepEqual([verdict, reasons], ['PASS', []]);
});

test('a phase without a buyer is no healthy one, and figures are rounded where they are shown', () => {
  const nobody = { ...goodPhase, success: null, p95_ms: null };
  const said = (changed: Partial<Facts>) => verdictOf(facts(changed)).reasons;
  assert.deepEqual(said({ phases: { ...phases, steady: nobody } }), [
    'the mesh was not healthy before the fault: nobody came',
  ]);
  assert.deepEqual(said({ recovery_s: 6.123456 }), ['recovery_s is 6.123, above 5']);
});

test('an invariant that is not known or holds is no reason; of many breakers three are named', () => {
  const one = { says: 'all is well', why: '', broken_count: 4, broken_by: ['a', 'b', 'c', 'd'] };
  const invariants = [
    { ...one, id: 'I1', verdict: 'OK' },
    { ...one, id: 'I2', verdict: 'UNKNOWN' },
    { ...one, id: 'I4', verdict: 'BROKEN' },
  ] as const;
  const { reasons } = verdictOf(facts({ audit: { ...goodAudit, invariants: [...invariants] } }));
  assert.deepEqual(reasons, ['I4 is broken (all is well): a; b; c']);
});

test('what is broken has the name by which others go', () => {
  const names = (changed: Partial<Facts>) => whatIsBroken(facts(changed)).map(({ what }) => what);
  assert.deepEqual(names({ faults_left: ['users-sidecar'], seen_twice: ['a'] }), [
    'seen_twice',
    'faults_left',
  ]);
  assert.deepEqual(names({ p99_ms: 4000, recovery_s: 9, codes: { breaker_open: 1 } }), [
    'recovery_s',
    'I5',
    'I7',
  ]);
  // of these, what a busy machine does not cause
  assert.deepEqual(
    names({ codes: { internal: 1, no_answer: 2, key_reused: 1, dependency_unavailable: 4 } }),
    ['wrong_answers', 'I7', 'wrong_answers'],
  );
});

test('dead letters count that came in the run and are not of a message which the fault sent without an answer', () => {
  const experiment = { ...someExperiment, limits: [{ figure: 'dead_letters', most: 0 }] } as const;
  const said = (in_dlq: number) =>
    verdictOf(
      facts({
        experiment,
        audit: { ...goodAudit, in_dlq },
        ...{ letters_before: 2, letters_explained: 1 },
      }),
    ).reasons;
  assert.deepEqual([said(3), said(4)], [[], ['dead_letters is 1, above 0']]);
});

test('values at their limits hold', () => {
  const { verdict } = verdictOf(
    facts({
      drift: 0.71,
      recovery_s: 5,
      p99_ms: 3850,
      phases: { ...phases, steady: { ...goodPhase, success: 0.99, p95_ms: 900, rate_per_s: 9 } },
      layers: [someLayer('gateway → orders', 300, 2.1), someLayer('orders → products', 300, 3.15)],
    }),
  );
  assert.equal(verdict, 'PASS');
});

test('at a low rate one buyer more or less in a phase makes no other load', () => {
  const slow = { ...goodPhase, seconds: 3, rate_per_s: 8 / 3 };
  const at = (rate: number) =>
    verdictOf(
      facts({
        experiment: { ...someExperiment, load: { rate } },
        phases: { steady: slow, fault: slow, heal: slow },
      }),
    ).verdict;
  assert.deepEqual([at(3), at(4)], ['PASS', 'INVALID']);
});

test('a phase in which the only buyer did not come is no load', () => {
  const { reasons } = verdictOf(
    facts({
      experiment: { ...someExperiment, load: { rate: 1 }, limits: [] },
      phases: { ...phases, fault: { ...goodPhase, seconds: 1, buyers: 0, rate_per_s: 0, success: null } },
    }),
  );
  assert.deepEqual(reasons, ['0.0 buyers per second came in phase fault, not 1']);
});

test('a run that is invalid names what is broken as well', () => {
  assert.deepEqual(verdictOf(facts({ dropped: null, recovery_s: 9 })), {
    verdict: 'INVALID',
    reasons: ['k6 left no summary: the load did not come to its end', 'recovery_s is 9, above 5'],
  });
});

test('where traces cannot be whole, they neither invalidate a run nor fail it', () => {
  const { verdict } = verdictOf(
    facts({
      experiment: unprovable,
      traces: { ...goodFacts.traces, complete: 0, incomplete: 5, unjudged: 5 },
    }),
  );
  assert.equal(verdict, 'PASS');
});
