/** Facts of a run in which everything went well, for tests that break one of them. */
import type { Audit } from '@microshop/control/audit/report';
import { type Experiment, shortPhases } from './definition.ts';
import type { Facts, Phase } from './facts.ts';
import type { Layer } from './layers.ts';
import type { Circumstances } from './report.ts';

/** An experiment with a limit on a phase and one on the whole run. */
export const someExperiment: Experiment = {
  name: 'some',
  hypothesis: 'It holds.',
  load: { rate: 10 },
  seconds: shortPhases,
  fault: { kind: 'calls', service: 'products', abort: 503, percent: 30 },
  limits: [
    { figure: 'fault.success', least: 0.9 },
    { figure: 'recovery_s', most: 5 },
  ],
  codes: ['dependency_unavailable'],
  traces: 'whole',
  mutant: { without: 'retries' },
};

/** A layer with so many attempts per call. */
export function someLayer(layer: string, calls: number, perCall: number): Layer {
  const attempts = calls * perCall;
  return { layer, calls, attempts, attempts_per_call: perCall, actual_success: 1 };
}

/** A phase in which all buyers got their order. */
export const goodPhase: Phase = {
  seconds: 10,
  buyers: 100,
  rate_per_s: 10,
  success: 1,
  p50_ms: 20,
  p95_ms: 60,
  p99_ms: 90,
  codes: {},
  layers: [someLayer('gateway → orders', 100, 1), someLayer('orders → products', 100, 1.25)],
};

/** An audit that found nothing. */
export const goodAudit: Audit = {
  settled: true,
  waited_ms: 400,
  unread: [],
  orders: { total: 300, pending: 0, confirmed: 300, rejected: 0 },
  attempted: 300,
  acknowledged: 300,
  lost: 0,
  doubled: 0,
  unexpected: 0,
  oversold: 0,
  stuck: 0,
  left_in_outbox: 0,
  in_dlq: 0,
  ids: { lost: [], doubled: [], unexpected: [], oversold: [], stuck: [], set_aside: [] },
  dead_letters: [],
  invariants: [
    {
      id: 'I1',
      says: 'every acknowledged order exists',
      verdict: 'OK',
      why: '',
      broken_count: 0,
      broken_by: [],
    },
  ],
};

/** Facts that come out PASS. */
export const goodFacts: Facts = {
  experiment: someExperiment,
  interrupted: null,
  clock_step_ms: 0.4,
  phases: { steady: goodPhase, fault: goodPhase, heal: goodPhase },
  layers: [someLayer('gateway → orders', 300, 1), someLayer('orders → products', 300, 1.25)],
  p99_ms: 90,
  codes: { dependency_unavailable: 3 },
  dropped: 0,
  drift: 1.02,
  witness: { landed: true, saw: 'Envoy counted 30 aborts' },
  audit: goodAudit,
  traces: { complete: 300, incomplete: 0, unprovable: 0, unjudged: 0, missing: [], incomplete_ids: [] },
  seen_twice: [],
  faults_left: [],
  tries: { 'gateway → orders': 2, 'orders → products': 3 },
  recovery_s: 0,
  breakers: [],
  accepted: 300,
  letters_before: 0,
  letters_explained: 0,
};

/** Where and as what they were found. */
export const someCircumstances: Circumstances = {
  timeline: {
    steady: { from: 0, to: 10_000 },
    fault: { from: 10_500, to: 20_500 },
    heal: { from: 21_000, to: 36_000 },
  },
  environment: {
    cpu: 'some',
    cores: 2,
    memory_mib: 1024,
    kernel: '6',
    node: 'v26',
    servers: { envoy: '1.40.0' },
    commit: '0123456789',
    changed: false,
  },
  command: './mesh experiment run some --steady 10s --fault 10s --heal 15s',
};
