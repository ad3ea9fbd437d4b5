import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, mock, test } from 'node:test';
import { recordedOrder } from '@microshop/control/trace/testing/recorded';
import { judgeOrder } from '@microshop/control/trace/verdict';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { auditLines } from '../commands/audit.ts';
import { dlqLines } from '../commands/dlq.ts';
import { outboxLines } from '../commands/outbox.ts';
import { storyLines } from '../logs/story.ts';
import { waterfall } from '../text/waterfall.ts';
import { print, printJson, progress } from './output.ts';
import { shown, styled } from './style.ts';

/** Clears the screen, sets a title, goes back over the line, turns it round; C1's CSI; half a pair. */
const nasty = 'a\u001b[2Jb\u001b]0;t\u0007c\rd\ne\u202ef\u009b31mg\u2028h\ud800i\u007f\u2066j\tk';
const harmless = 'a\\x1b[2Jb\\x1b]0;t\\x07c\\x0dd\\x0ae\\u202ef\\x9b31mg\\u2028h\\ud800i\\x7f\\u2066j\\x09k';

const forced = process.env['FORCE_COLOR'];
process.env['FORCE_COLOR'] = '1';
after(() => {
  if (forced === undefined) delete process.env['FORCE_COLOR'];
  else process.env['FORCE_COLOR'] = forced;
});

function written(stream: NodeJS.WriteStream, work: () => void): string {
  let text = '';
  const write = mock.method(stream, 'write', (chunk: unknown) => {
    text += String(chunk);
    return true;
  });
  try {
    work();
  } finally {
    write.mock.restore();
  }
  return text;
}

/** A colour code. */
const esc = '\u001b';
const colour = new RegExp(`${esc}\\[\\d+m`, 'g');

/** Anything a terminal obeys, but line feeds between lines and plain colours. */
const obeyed = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u;

function assertHarmless(lines: readonly string[]): void {
  const out = written(process.stdout, () => print(...lines));
  const plain = out.replaceAll(colour, '');
  assert.equal(plain.split('\n').length, lines.length + 1);
  assert.ok(!obeyed.test(plain.replaceAll('\n', '')), JSON.stringify(plain));
  assert.ok(plain.includes('\\x1b[2Jb'), plain);
}

test('every control character is shown, not obeyed', () => {
  assert.equal(shown(nasty), harmless);
  assert.equal(
    written(process.stdout, () => print(nasty)),
    `${harmless}\n`,
  );
});

test('letters of every script, and emoji, stay', () => {
  const text = 'Ünïcödé 漢字 שלום 👩‍👩‍👧';
  assert.equal(shown(text), text);
});

test('our own colours stay, also round text from outside; a colour from outside does not', () => {
  assert.equal(shown(styled('red', 'x')), '\u001b[31mx\u001b[39m');
  assert.equal(shown(styled('red', '\u001b[32mx')), '\u001b[31m\\x1b[32mx\u001b[39m');
  assert.equal(shown('\u001b[8mhidden\u001b[28m'), '\\x1b[8mhidden\\x1b[28m');
});

test('an error of several lines cannot pass for another line of ours', () => {
  const out = written(process.stderr, () => progress('mesh: a\nmesh: b\u001b[2J'));
  assert.equal(out, 'mesh: a\n  mesh: b\\x1b[2J\n');
});

test('JSON says exactly what it is given, and is harmless', () => {
  const value = { text: nasty };
  const out = written(process.stdout, () => printJson(value));
  assert.deepEqual(JSON.parse(out), value);
  assert.ok(!obeyed.test(out.replaceAll('\n', '')));
});

test('dead letters, audits, outboxes, logs and traces are harmless', () => {
  const letter = {
    id: nasty,
    queue: nasty,
    type: nasty,
    order_id: 1,
    reason: nasty,
    trace_id: nasty,
    published_at: null,
  };
  assertHarmless(dlqLines([letter]));
  assertHarmless(
    outboxLines({
      waiting: 0,
      set_aside_count: 1,
      set_aside: [
        { service: 'orders', message_id: nasty, type: nasty, order_id: 1, age_s: 1, reason: nasty },
      ],
      lost_count: 0,
      lost: [],
      under_way: 0,
    }),
  );
  const names = { lost: [], doubled: [], unexpected: [], oversold: [], stuck: [], set_aside: [nasty] };
  assertHarmless(
    auditLines({
      settled: true,
      waited_ms: 0,
      unread: [],
      orders: { total: 1, pending: 0, confirmed: 1, rejected: 0 },
      attempted: 1,
      acknowledged: 1,
      lost: 1,
      doubled: 0,
      unexpected: 0,
      oversold: 0,
      stuck: 0,
      left_in_outbox: 0,
      in_dlq: 1,
      ids: names,
      dead_letters: [letter],
      invariants: [
        { id: 'I1', says: 'x', verdict: 'BROKEN', why: nasty, broken_count: 1, broken_by: [nasty] },
      ],
    }),
  );
  const line = JSON.stringify({
    level: 'error',
    msg: nasty,
    method: 'GET',
    url: nasty,
    err: { message: nasty },
  });
  const spans = recordedOrder().map((span) => ({ ...span, name: nasty, service: nasty.slice(1) }));
  const drawn = waterfall(judgeOrder(spans));
  assert.ok(
    !obeyed.test(
      written(process.stdout, () => print(...drawn))
        .replaceAll(colour, '')
        .replaceAll('\n', ''),
    ),
  );
  assertHarmless(storyLines([{ part: nasty, time: 0, text: line }]));
});

test('only the place that makes text harmless writes, and sets colours', async () => {
  const own = ['cli/src/output/style.ts', 'cli/src/output/output.ts'];
  for (const folder of ['packages/program-kit', 'control', 'native', 'cli', 'lab']) {
    const root = path.join(repositoryRoot, folder, 'src');
    const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'),
    );
    assert.ok(files.length > 0, folder);
    for (const entry of files) {
      const file = path.relative(repositoryRoot, path.join(entry.parentPath, entry.name));
      // stand-ins pass on what tests print
      if (own.includes(file) || file.includes('/testing/')) continue;
      assert.doesNotMatch(
        await readFile(path.join(repositoryRoot, file), 'utf8'),
        /styleText|process\.std(out|err)\.write/,
        file,
      );
    }
  }
});
