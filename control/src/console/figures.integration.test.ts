/** What Prometheus makes of the queries about an edge, by promtool. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { promtoolBinary } from '@microshop/telemetry/testing/binaries';
import { ofCalls } from './figures.ts';

const edge = 'service="orders", envoy_cluster_name="users"';
const queries = ofCalls(edge);

/** Counts of an Envoy by class of answers, every 5 s from the begin on; the attempts are there from its start. */
function counts(attempts: string, byClass: Readonly<Record<string, string>>) {
  return [
    { series: `envoy_cluster_upstream_rq_total{${edge}}`, values: attempts },
    ...Object.entries(byClass).map(([name, values]) => ({
      series: `envoy_cluster_upstream_rq_xx{${edge}, envoy_response_code_class="${name}"}`,
      values,
    })),
  ];
}

/** The figures of the edge after a minute; `failed` is absent where there was no call. */
interface Told {
  readonly rate: number;
  readonly failed?: number;
}

async function assertTold(t: TestContext, series: ReturnType<typeof counts>, told: Told): Promise<void> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'figures-'));
  t.after(() => rm(directory, { recursive: true }));
  const story = {
    evaluation_interval: '5s',
    tests: [
      {
        interval: '5s',
        input_series: series,
        promql_expr_test: (['rate', 'failed'] as const).map((name) => ({
          // what 0 of 0 is passes no comparison
          expr: `${queries[name]} >= 0`,
          eval_time: '1m',
          exp_samples: told[name] === undefined ? [] : [{ labels: `{${edge}}`, value: told[name] }],
        })),
      },
    ],
  };
  const file = path.join(directory, 'story.yaml');
  // JSON is YAML
  await writeFile(file, JSON.stringify(story));
  const text = await new Promise<string>((resolve) => {
    execFile(promtoolBinary(), ['test', 'rules', file], (error, stdout, stderr) =>
      resolve(error === null ? '' : stdout + stderr),
    );
  });
  assert.equal(text, '');
}

test('one call that fails is a call, and all that there were failed', (t) =>
  assertTold(t, counts('0x10 1x2', { 5: '_x11 1x2' }), { rate: 0.05, failed: 1 }));

test('the first failure among calls that succeed is counted', (t) =>
  assertTold(t, counts('0+1x12', { 2: '0+1x12', 5: '_x11 1x2' }), { rate: 0.25, failed: 0.2 }));

test('what was counted before this Envoy was read happened before', (t) =>
  assertTold(t, counts('_x10 5000x2', { 2: '_x10 4000x2', 5: '_x10 1000x2' }), { rate: 0 }));

test('no call is no share of calls', (t) => assertTold(t, counts('7x12', { 2: '7x12' }), { rate: 0 }));
