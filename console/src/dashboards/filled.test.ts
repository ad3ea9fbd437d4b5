import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionOf } from '@microshop/grafana/render/chart';
import { panelDrawing } from '@microshop/grafana/render/picture';
import { chosenWith, filledOf, moved } from './filled.ts';

const range = { startMs: 1000, endMs: 11_000, stepMs: 5000 };
const panel = {
  type: 'timeseries',
  title: 'Errors',
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
};

test('a panel is drawn from its data, with the fault behind its lines', () => {
  const { panels, scene } = filledOf({
    title: 'Mesh',
    range,
    events: [{ name: 'products', colour: '#8e4fc4', stretches: [{ fromMs: 1000, toMs: 6000, value: 1 }] }],
    panels: [{ panel, series: [{ name: 'orders', values: [1, null, 3] }], traces: [] }],
    variables: [],
  });
  const [first] = panels;
  assert.ok(first !== undefined);
  assert.deepEqual(first.series[0]?.points, [
    [1000, 1],
    [6000, null],
    [11_000, 3],
  ]);
  const { series } = optionOf(panelDrawing(first, { x: 0, y: 0, width: 500, height: 200 }, scene));
  const drawn = JSON.stringify(series);
  assert.match(drawn, /"name":"orders"/);
  assert.match(drawn, /"xAxis":1000,"itemStyle":\{"color":"#8e4fc4"/);
});

test('later than now is now, which goes on', () => {
  const now = 10_000_000;
  assert.equal(moved(now, 10, 'earlier', now), now - 300_000);
  assert.equal(moved(now - 600_000, 10, 'later', now), now - 300_000);
  assert.equal(moved(now - 300_000, 10, 'later', now), undefined);
});

test('a choice replaces that of the same variable, and nothing else', () => {
  assert.equal(
    chosenWith('service:orders,caller:gateway', 'service', 'users'),
    'caller:gateway,service:users',
  );
  assert.equal(chosenWith(undefined, 'service', 'users'), 'service:users');
  assert.equal(chosenWith('service:orders', 'service', null), undefined);
});
