import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { liveLine } from '../output/output.ts';
import { laterLines, onlyJoining } from './status-lines.ts';

type Part = MeshStatus['parts'][number];

function part(name: string, rest: Partial<Part>): Part {
  const none = { pid: null, restarts: 0, rss_bytes: null, uptime_s: null, last_exit: null, making: null };
  return { name, kind: 'server', state: 'running', healthy: true, ...none, ...rest };
}

function meshOf(...parts: readonly Part[]): MeshStatus {
  const place = { instance: 1, running: true, state: 'up', supervisor_pid: 1, replicas: {}, urls: {} };
  return { ...place, healthy: parts.every(({ healthy }) => healthy), parts: [...parts] };
}

const building = (seconds: number | null) =>
  part('jaeger', {
    state: 'preparing',
    healthy: false,
    making: { step: 'compiling', share: 0.437, seconds_left: seconds },
  });

test('when traces begin is said as soon as it is known, and before that what is being done', () => {
  const begin = 'Traces, and the metrics of apps, begin when jaeger is built';
  assert.deepEqual(laterLines(meshOf(building(200))), [`${begin}, in about 3 min (now: compiling, 43 %)`]);
  assert.deepEqual(laterLines(meshOf(building(31))), [`${begin}, in about 40 s (now: compiling, 43 %)`]);
  assert.deepEqual(laterLines(meshOf(building(null))), [`${begin} (now: compiling, 43 %)`]);
  assert.deepEqual(laterLines(meshOf(part('jaeger', {}))), []);
});

test('a mesh that only waits for such a part is not unwell; one of which another part is, is', () => {
  assert.equal(onlyJoining(meshOf(building(null), part('users', {}))), true);
  assert.equal(onlyJoining(meshOf(building(null), part('users', { healthy: false }))), false);
});

test('a live line is cut to the terminal, and none where there is no terminal', () => {
  let written = '';
  const stream = Object.assign(Object.create(process.stderr), {
    isTTY: true,
    columns: 10,
    write: (text: string) => {
      written += text;
      return true;
    },
  });
  liveLine(stream)?.show('compiling\u001b[2J, 43 %');
  assert.equal(written, '\r\u001b[Kcompiling');
  assert.equal(liveLine(Object.assign(Object.create(process.stderr), { isTTY: false })), undefined);
});
