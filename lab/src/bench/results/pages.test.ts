import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aPair, aResult, aRun } from '../testing/runs.ts';
import { costPicture, costTable } from './pages.ts';

const pairs = Array.from({ length: 6 }, (_, index) =>
  aPair(index, [aRun({ services: 8000, Envoys: 4000 }), aRun({ services: 6000 })]),
);

test('each side has a bar as long as what an order costs there, within the picture', () => {
  const lines = costPicture([aResult(pairs)], 'from a test');
  assert.ok(
    lines.every((line) => !line.includes('\n')),
    'each is printed as a line, in which a line break would be shown as \\x0a',
  );
  const svg = lines.join('\n');
  const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="16"/g)];
  const lengthAt = (y: string | undefined) =>
    bars.filter((bar) => bar[2] === y).reduce((sum, bar) => sum + Number(bar[3]), 0);
  const [first, second] = [...new Set(bars.map((bar) => bar[2]))];
  assert.ok(Math.abs(lengthAt(first) / lengthAt(second) - 2) < 0.01);
  assert.ok(bars.every(([, x, , length]) => Number(x) + Number(length) < 968));
  for (const said of ['12.0 ms, 100/s', '6.0 ms, 100/s', 'from a test']) {
    assert.ok(svg.includes(`>${said}</text>`), said);
  }
});

test('the table has the medians, their spread and the ratio with its interval', () => {
  const [, , orders, cpu] = costTable([aResult(pairs)]);
  assert.match(
    orders ?? '',
    /orders per second \| 100 \(100–100\) \| 100 \(100–100\) \| 1\.00 \(1\.00–1\.00\)/,
  );
  assert.match(
    cpu ?? '',
    /CPU of an order, ms \| 12\.00 \(12\.00–12\.00\) \| 6\.00 .* 2\.00 \(2\.00–2\.00\)/,
  );
});

test('fewer pairs than have an interval have none in the table', () => {
  const two = aResult(pairs.slice(0, 2));
  const table = costTable([{ ...two, plan: { ...two.plan, pairs: 2 } }]).join('\n');
  assert.match(table, /CPU of an order, ms .* 2\.00 \|/);
  assert.doesNotMatch(table, /Infinity/);
});

test('nothing is drawn of a comparison that proves nothing, or is not finished', () => {
  const disturbed = [...pairs.slice(1), aPair(0, undefined, ['The machine drifted by 40 %'])];
  assert.throws(() => costPicture([aResult(disturbed)], ''), /traces has 5 valid pairs of 6/);
  const some = {
    ...aResult(pairs.slice(0, 2)),
    command: './mesh bench --fresh --against HEAD~1 --duration 3s',
  };
  assert.throws(
    () => costTable([some]),
    /traces has 2 valid pairs of 6: \.\/mesh bench --against HEAD~1 --duration 3s$/,
    'the command that goes on with them, and does not begin again',
  );
});
