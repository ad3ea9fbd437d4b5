import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { BinaryNotFoundError, jaegerBinary, promtoolBinary } from '@microshop/telemetry/testing/binaries';
import { composePlacement, nativePlacement } from '@microshop/topology';
import { prometheusConfig } from './prometheus.ts';
import { prometheusRules, rulesFile } from './rules/index.ts';

describe('the configuration of Prometheus', () => {
  for (const placement of [
    nativePlacement({ instance: 1, replicas: { orders: 2 }, env: {} }),
    composePlacement(),
  ]) {
    it(`passes promtool (${placement.mode})`, async (t) => {
      const directory = await mkdtemp(join(tmpdir(), 'prometheus-'));
      t.after(() => rm(directory, { recursive: true }));
      const file = join(directory, 'prometheus.yaml');
      await writeFile(file, prometheusConfig(placement));
      await writeFile(join(directory, rulesFile), prometheusRules());
      const { stdout } = await promisify(execFile)(promtoolBinary(), ['check', 'config', file]);
      assert.match(stdout, /SUCCESS/);
    });
  }

  it('is tested with what is there, or the test says what is missing', () => {
    const nothing = { PATH: '/nonexistent' };
    assert.throws(() => promtoolBinary(nothing), BinaryNotFoundError);
    assert.throws(() => jaegerBinary(nothing), /set MESH_JAEGER_BIN/);
  });
});
