import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { drawnOf, rowNamed } from './dashboard.ts';

const gridPos = { x: 0, y: 0, w: 24, h: 1 };
const time = { from: 'now-15m', to: 'now' };
const panels = ['row One', 'stat a', 'stat b', 'row Two', 'stat c'].map((words) => {
  const [type = '', title = ''] = words.split(' ');
  return { type, title, gridPos };
});

test('every dashboard can be drawn', () => {
  const folder = path.join(import.meta.dirname, '../../dashboards');
  const files = readdirSync(folder);
  assert.ok(files.length > 0);
  for (const file of files) {
    const { minutes, panels: found } = drawnOf(readFileSync(path.join(folder, file), 'utf8'));
    assert.equal(minutes, 15);
    assert.ok(found.length > 0, file);
  }
});

test('what is not known here is refused, with the place', () => {
  const panel = { type: 'stat', title: 'a', gridPos, options: { legend: { calcs: ['variance'] } } };
  const text = JSON.stringify({ title: 'One', time, panels: [panel] });
  assert.throws(() => drawnOf(text), /dashboard\/panels\/0\/options\/legend\/calcs\/0/);
});

test('a row is the panels up to the next one', () => {
  const titles = (row: string) => rowNamed(panels, row).map(({ title }) => title);
  assert.deepEqual(titles('One'), ['a', 'b']);
  assert.deepEqual(titles('Two'), ['c']);
  assert.throws(() => titles('Three'), /no row "Three"; there are: One; Two/);
});
