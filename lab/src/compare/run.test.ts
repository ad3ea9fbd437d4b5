import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { recordsWith } from '@microshop/control/changes/policy-values';
import type { FaultAnswer, PolicyList, WantedPolicy } from '@microshop/control/changes/schemas';
import { policiesOf } from '@microshop/control/changes/store';
import { callEdges, policyOf, policyValues } from '@microshop/topology';
import type { ArmRun } from './judge.ts';
import { type Plan, runComparison } from './run.ts';

let reports: string;
before(async () => {
  reports = await mkdtemp(path.join(tmpdir(), 'compare-'));
});
after(() => rm(reports, { recursive: true }));

const toProducts = { caller: 'orders', callee: 'products' } as const;

const plan: Plan = {
  fault: { kind: 'calls', service: 'products', abort: 503 },
  service: 'products',
  arms: [
    { name: 'today', policies: [], repeats: 0 },
    { name: 'mine', policies: [{ ...toProducts, policy: { tries: 1 } }], repeats: 0 },
  ],
  unchecked: false,
  blocks: 6,
  seed: 7,
  primary: 'success',
  rate: 20,
  seconds: { steady: 2, fault: 5, heal: 8 },
};

/** A control service that holds policies as the real one does; what it was given so far. */
function controlOf(records: Parameters<typeof recordsWith>[0], faults: readonly FaultAnswer[] = []) {
  let kept = [...records];
  const list = (): PolicyList => ({
    policies: callEdges.map((edge) => ({
      ...edge,
      policy: policyValues(policyOf(policiesOf(kept), edge)),
      changed: {},
    })),
    problems: [],
    waiting_for: [],
  });
  return {
    kept: () => kept,
    leasePolicies: async () => ({ id: 'mine', expires_at: 0 }),
    renewLease: async () => ({ id: 'mine', expires_at: 0 }),
    async endLease() {
      kept = [...records];
      return list();
    },
    faults: async () => faults,
    clearFaults: async () => 0,
    policies: async () => list(),
    async applyPolicies(wanted: readonly WantedPolicy[]) {
      const next = recordsWith(kept, wanted);
      policiesOf(next);
      kept = next;
      return { ...list(), differences: [] };
    },
  };
}

const goodRun = (arm: string, block: number): ArmRun => ({
  arm,
  block,
  values: { success: arm === 'mine' ? 0.7 : 0.97, p50: 10, p99: 20, amplification: 1, recovery: 0 },
  invalid: [],
});

const lab = (control: ReturnType<typeof controlOf>, interrupted = new AbortController().signal) => ({
  control,
  reports,
  interrupted,
  onProgress: () => undefined,
  ready: async () => undefined,
});

const before5 = [{ ...toProducts, change: { max_requests: 500 } }];

test('each block runs every arm once under its own policies; then the mesh is as it was', async () => {
  const control = controlOf(before5);
  const seen: string[] = [];
  const { report, file } = await runComparison(plan, lab(control), async (arm, block) => {
    const [record] = control.kept();
    seen.push(`${arm.name} ${record?.change.tries ?? 3} ${record?.change.max_requests}`);
    return goodRun(arm.name, block);
  });
  assert.deepEqual(new Set(seen), new Set(['today 3 500', 'mine 1 500']));
  for (let block = 1; block <= plan.blocks; block += 1) {
    const arms = report.runs.filter((run) => run.block === block).map(({ arm }) => arm);
    assert.deepEqual(arms.sort(), ['mine', 'today']);
  }
  assert.deepEqual(control.kept(), before5);
  assert.equal(report.valid, true);
  assert.equal(report.figures[0]?.arms[1]?.against?.said.verdict, 'worse');
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')).valid_blocks, [1, 2, 3, 4, 5, 6]);
});

test('the report is kept even if the policies from before do not come back', async () => {
  const control = controlOf(before5);
  const own = path.join(reports, 'kept');
  const failing = { ...control, endLease: () => Promise.reject(new Error('control does not answer')) };
  await assert.rejects(
    runComparison(plan, { ...lab(control), control: failing, reports: own }, async (arm, block) =>
      goodRun(arm.name, block),
    ),
    /control does not answer/,
  );
  const [folder = ''] = await readdir(own);
  const kept = JSON.parse(await readFile(path.join(own, folder, 'comparison.json'), 'utf8'));
  assert.equal(kept.valid_blocks.length, plan.blocks);
});

test('what a killed command has left is ended before anything runs, once no other command changes the mesh', async () => {
  const control = controlOf(before5);
  const did: string[] = [];
  const leased = {
    ...lab(control),
    control: {
      ...control,
      async leasePolicies() {
        did.push('lease');
        return await control.leasePolicies();
      },
    },
    ready: async () => void did.push('ready'),
  };
  await runComparison(plan, leased, async (arm, block) => {
    did.push('run');
    return goodRun(arm.name, block);
  });
  assert.deepEqual(did.slice(0, 3), ['lease', 'ready', 'run']);
});

test('the first run warms the mesh up: it counts nowhere, whatever came of it', async () => {
  const started: string[] = [];
  const { report } = await runComparison(plan, lab(controlOf(before5)), async (arm, block) => {
    started.push(`${block} ${arm.name}`);
    return { ...goodRun(arm.name, block), invalid: block === 0 ? ['the mesh was not healthy'] : [] };
  });
  assert.equal(started[0], '0 today');
  assert.equal(started.length, 1 + plan.blocks * plan.arms.length);
  assert.ok(report.runs.every(({ block }) => block >= 1));
  assert.equal(report.valid, true);
});

test('an interruption ends it after the run under way, and the mesh is as it was', async () => {
  const control = controlOf(before5);
  const ctrlC = new AbortController();
  const { report } = await runComparison(plan, lab(control, ctrlC.signal), async (arm, block) => {
    if (block === 2) ctrlC.abort();
    return goodRun(arm.name, block);
  });
  assert.equal(report.runs.length, 3);
  assert.deepEqual(report.valid_blocks, [1]);
  assert.equal(report.valid, false);
  assert.deepEqual(control.kept(), before5);
});

test('what fails in a run is thrown, and the mesh is as it was', async () => {
  const control = controlOf(before5);
  const failing = runComparison(plan, lab(control), () => Promise.reject(new Error('the mesh is gone')));
  await assert.rejects(failing, { message: 'the mesh is gone' });
  assert.deepEqual(control.kept(), before5);
});

test('what was measured before a run broke is kept', async () => {
  const control = controlOf(before5);
  const own = path.join(reports, 'broken');
  const broken = runComparison(plan, { ...lab(control), reports: own }, async (arm, block) => {
    if (block === 3) throw new Error('k6 is gone');
    return goodRun(arm.name, block);
  });
  await assert.rejects(broken, { message: 'k6 is gone' });
  const [folder = ''] = await readdir(own);
  const kept = JSON.parse(await readFile(path.join(own, folder, 'comparison.json'), 'utf8'));
  assert.deepEqual([kept.valid, kept.valid_blocks, kept.runs.length], [false, [1, 2], 4]);
  assert.deepEqual(control.kept(), before5);
});

test('one run that does not count makes the comparison invalid', async () => {
  const { report } = await runComparison(plan, lab(controlOf([])), async (arm, block) => ({
    ...goodRun(arm.name, block),
    invalid: block === 4 && arm.name === 'mine' ? ['the fault has no witness: no call met it'] : [],
  }));
  assert.deepEqual(report.valid_blocks, [1, 2, 3, 5, 6]);
  assert.equal(report.valid, false);
});

test('policies that do not fit are refused before any load', async () => {
  const control = controlOf(before5);
  const arms = [
    ...plan.arms,
    { name: 'worst', policies: [{ ...toProducts, policy: { tries: 9 } }], repeats: 0 },
  ];
  const refused = runComparison({ ...plan, arms }, lab(control), () => assert.fail('nothing is to run'));
  await assert.rejects(refused, /9 attempts of 900 ms .* must end before timeout_ms/);
  assert.deepEqual(control.kept(), before5);
});

test('a mesh with a fault is refused', async () => {
  const fault: FaultAnswer = {
    service: 'users',
    from: null,
    abort: 503,
    delay_ms: null,
    replace_answer: null,
    slow_answer: null,
    replica: null,
    percent: 100,
    set_at: 1,
    expires_at: null,
    hits: { aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 },
    waiting_for: [],
  };
  await assert.rejects(
    runComparison(plan, lab(controlOf([], [fault])), () => assert.fail('nothing is to run')),
    { name: 'ProvedNothing', message: /a fault is set already/ },
  );
});

test('policies that are not restored everywhere are named', async () => {
  const control = controlOf([]);
  const endLease = async () => ({ ...(await control.endLease()), waiting_for: ['orders-sidecar'] });
  await assert.rejects(
    runComparison(plan, lab({ ...control, endLease }), async (arm, block) => goodRun(arm.name, block)),
    { message: /the earlier policies are not in effect at orders-sidecar$/ },
  );
});
