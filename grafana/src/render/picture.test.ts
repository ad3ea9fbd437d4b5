import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FilledPanel, Panel } from './dashboard.ts';
import { picture } from './picture.ts';
import type { Point, Scene, Series } from './series.ts';

const startMs = Date.parse('2026-01-31T10:00:00Z');
const scene: Scene = { range: { startMs, endMs: startMs + 60_000, stepMs: 5000 }, events: [] };

/** A series with that value all the time. */
function steady(name: string, value: number): Series {
  const points = Array.from({ length: 13 }, (_, index): Point => [startMs + index * 5000, value]);
  return { name, points };
}

function panel(type: string, changes: Partial<Panel> = {}): Panel {
  return {
    type,
    title: 'Orders',
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    fieldConfig: { defaults: { unit: 'suffix: orders/s', min: 0 }, overrides: [] },
    options: { legend: { calcs: ['lastNotNull', 'max'] } },
    ...changes,
  };
}

/** The texts of the picture, as they are read. */
function textsOf(filled: FilledPanel[], of: Scene = scene): string[] {
  const svg = picture('Shop', filled, of);
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
}

test('lines have their title, their axis in the unit, and their numbers in the legend', () => {
  const texts = textsOf([
    { panel: panel('timeseries'), series: [steady('placed', 9), steady('CONFIRMED', 8)] },
  ]);
  for (const text of [
    'Orders',
    '0 orders/s',
    'placed',
    'CONFIRMED',
    'last',
    'max',
    '9 orders/s',
    '10:00:20',
  ]) {
    assert.ok(texts.includes(text), `${text} is not among ${texts.join(' | ')}`);
  }
});

test('the picture says when it was, and that it is no screenshot', () => {
  const texts = textsOf([{ panel: panel('timeseries'), series: [] }]);
  assert.ok(texts.includes('Shop'));
  assert.ok(texts.includes('2026-01-31, 10:00:00 to 10:01:00 UTC'));
  assert.ok(texts.some((text) => /Rendered from the data in Prometheus .* Not a screenshot/.test(text)));
});

for (const type of ['timeseries', 'stat', 'state-timeline']) {
  test(`a panel of type ${type} that has no data says so`, () => {
    assert.ok(textsOf([{ panel: panel(type), series: [] }]).includes('No data'));
  });
}

test('a panel that is empty while all is well says what it is told to', () => {
  const empty = panel('stat', { fieldConfig: { defaults: { noValue: 'none' }, overrides: [] } });
  const texts = textsOf([{ panel: empty, series: [] }]);
  assert.ok(texts.includes('none'));
  assert.ok(!texts.includes('No data'));
});

test('a panel of a type that is not drawn here is there by its name', () => {
  const texts = textsOf([{ panel: panel('nodeGraph'), series: [steady('a', 1)] }]);
  assert.ok(texts.includes('Orders'));
  assert.ok(texts.includes('A panel of type “nodeGraph” is not drawn here'));
});

test('a number has the colour of its limit; a value with a name is shown by it', () => {
  const limits = {
    steps: [
      { value: null, color: 'green' },
      { value: 5, color: '#123456' },
    ],
  };
  const stat = panel('stat', {
    fieldConfig: { defaults: { unit: 'short', thresholds: limits }, overrides: [] },
  });
  const above = picture('Shop', [{ panel: stat, series: [steady('a', 5)] }], scene);
  assert.match(above, /fill="#123456">5<\/text>/);
  assert.doesNotMatch(picture('Shop', [{ panel: stat, series: [steady('a', 4)] }], scene), /#123456/);

  const mappings = [{ type: 'value' as const, options: { '2': { text: 'open', color: 'red' } } }];
  const named = panel('stat', { fieldConfig: { defaults: { mappings }, overrides: [] } });
  assert.ok(textsOf([{ panel: named, series: [steady('a', 2)] }]).includes('open'));
});

test('parts of a whole are added up, in their own panel alone', () => {
  const custom = { stacking: { mode: 'normal' } };
  const stacked = panel('timeseries', { fieldConfig: { defaults: { unit: 'none', custom }, overrides: [] } });
  const below = { ...stacked, gridPos: { x: 12, y: 0, w: 12, h: 8 } };
  const parts = [steady('a', 10), steady('b', 10)];
  const texts = textsOf([
    { panel: stacked, series: parts },
    { panel: below, series: parts },
  ]);
  assert.ok(texts.includes('20'), 'the axis goes to 10 + 10');
  assert.ok(!texts.some((text) => Number(text) > 25), 'and no further');
});

test('lines that the legend has no room for are counted', () => {
  const many = Array.from({ length: 40 }, (_, index) => steady(`queue-${index}`, index));
  const texts = textsOf([{ panel: panel('timeseries'), series: many }]);
  const shown = texts.filter((text) => text.startsWith('queue-')).length;
  assert.ok(texts.includes(`and ${40 - shown} more`), texts.join(' | '));
});

test('a stat shows what is now: an alert that has ended is not among those that fire', () => {
  const alerts = panel('stat', { fieldConfig: { defaults: { noValue: 'none' }, overrides: [] } });
  const ended: Series = {
    name: 'Ended',
    points: steady('', 1).points.map(([at, value], index) => [at, index < 11 ? value : null]),
  };
  const texts = textsOf([{ panel: alerts, series: [ended, steady('Fires', 1), steady('Too', 1)] }]);
  assert.ok(texts.includes('Fires') && !texts.includes('Ended'), texts.join(' | '));
  assert.ok(textsOf([{ panel: alerts, series: [ended] }]).includes('none'));
});

test('bands have a rectangle for each stretch, and the names of the states', () => {
  const mappings = [
    {
      type: 'value' as const,
      options: { '0': { text: 'closed', color: '#00aa00' }, '1': { text: 'open', color: '#aa0000' } },
    },
  ];
  const band = panel('state-timeline', { fieldConfig: { defaults: { mappings }, overrides: [] } });
  const points = steady('users', 0).points.map(([at], index): Point => [at, index > 3 && index < 8 ? 1 : 0]);
  const svg = picture('Shop', [{ panel: band, series: [{ name: 'users', points }] }], scene);
  // one of each in the legend
  assert.equal(svg.match(/fill="#00aa00"/g)?.length, 3);
  assert.equal(svg.match(/fill="#aa0000"/g)?.length, 2);
  assert.match(svg, />users</);
  assert.match(svg, />closed</);
});

test('what went on meanwhile is behind the lines, and named', () => {
  const stretches = [{ fromMs: startMs + 10_000, toMs: startMs + 30_000, value: 1 }];
  const events = [{ name: 'any → products: abort', colour: '#8e4fc4', stretches }];
  const filled = [{ panel: panel('timeseries'), series: [steady('placed', 9)] }];
  const svg = picture('Shop', filled, { ...scene, events });
  assert.match(svg, />any → products: abort</);
  assert.match(svg, /fill="#8e4fc4" fill-opacity="0.12"/);
  assert.doesNotMatch(picture('Shop', filled, scene), /#8e4fc4/);
});

test('the picture has its title for those who do not see it', () => {
  const svg = picture('Shop & mesh', [{ panel: panel('stat'), series: [] }], scene);
  assert.match(svg, /^<svg [^>]*><title>Shop &amp; mesh<\/title>/);
});

test('names are text, whatever is in them', () => {
  const texts = textsOf([{ panel: panel('timeseries', { title: 'a < b & c' }), series: [steady('<x>', 1)] }]);
  assert.ok(texts.includes('a &lt; b &amp; c'));
  assert.ok(texts.includes('&lt;x&gt;'));
});
