import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Between, linesWith } from './search.ts';

const second = 1000;
const begin = Date.UTC(2026, 10, 25, 10);

/** A log of many seconds, a line each, of about 200 bytes. */
async function logOf(t: TestContext, lines: readonly string[]): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'log-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = path.join(directory, 'orders.log');
  await writeFile(file, lines.join('\n'));
  return file;
}

const lineAt = (index: number) =>
  JSON.stringify({
    level: 'info',
    time: new Date(begin + index * second).toISOString(),
    id: `<${index}>`,
    of: index % 1000 === 7 ? 'wanted' : 'other',
    text: 'é'.repeat(60),
  });

async function found(file: string, text: string, between?: Between): Promise<string[]> {
  const lines: string[] = [];
  await linesWith(file, text, (line) => lines.push(line), between);
  return lines;
}

const idsIn = (lines: readonly string[]) => lines.map((line) => Number(/<(\d+)>/.exec(line)?.[1]));

test('every line with the text is found once and whole, wherever blocks end', async (t) => {
  const lines = Array.from({ length: 12_000 }, (_, index) => lineAt(index));
  const file = await logOf(t, lines);
  assert.deepEqual(
    await found(file, 'wanted'),
    lines.filter((line) => line.includes('wanted')),
  );
  assert.deepEqual(await found(file, '"time"'), lines);
  // the last line has no end yet
  assert.deepEqual(idsIn(await found(file, '<11999>')), [11_999]);
  assert.deepEqual(await found(file, 'nowhere'), []);
});

test('lines of a time are all found, and few others are read', async (t) => {
  const file = await logOf(
    t,
    Array.from({ length: 30_000 }, (_, index) => lineAt(index)),
  );
  const between = { from: begin + 15_000 * second, to: begin + 16_100 * second };
  const ids = idsIn(await found(file, '"time"', between));
  assert.ok(ids.includes(15_000) && ids.includes(16_100));
  assert.ok(ids.length < 8000, `${ids.length} lines of 30000 were read`);
  assert.deepEqual(
    idsIn(await found(file, 'wanted', between)).filter((id) => id >= 15_000 && id <= 16_100),
    [15_007, 16_007],
  );
  for (const edge of [0, 29_999]) {
    const at = begin + edge * second;
    assert.ok(idsIn(await found(file, '"time"', { from: at, to: at })).includes(edge), String(edge));
  }
});

test('a log without times is read whole', async (t) => {
  const file = await logOf(
    t,
    Array.from({ length: 12_000 }, (_, index) => `LOG <${index}> ${'x'.repeat(80)}`),
  );
  assert.equal((await found(file, 'LOG', { from: begin, to: begin })).length, 12_000);
});
