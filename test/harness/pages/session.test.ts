import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandBlocks } from './page.ts';
import { asOfFirst, filledIn, onInstance, runBlock, type } from './session.ts';

/** Runs the first block of a page, with the real shell. */
async function run(...lines: readonly string[]): Promise<string> {
  const [block] = commandBlocks('page.md', lines.join('\n'));
  assert.ok(block);
  return await runBlock(block, '');
}

test('a block that does what it shows passes', async () => {
  const printed = await run(
    '<!-- run alone',
    'order <n> is placed',
    '-->',
    '```sh',
    'echo order 7 is placed',
    '```',
  );
  assert.equal(printed, 'order 7 is placed\n');
  await run(
    '<!-- run alone -->',
    '```',
    '$ echo a 1',
    'a 2',
    '$ echo no >&2; exit 3 # refused, exit 3',
    'no',
    '```',
  );
});

test('a command that fails is red', async () => {
  const lines = ['<!-- run alone', 'yes', '-->', '```sh', 'echo yes; false', '```'];
  await assert.rejects(
    run(...lines),
    /^Error: page\.md:4: "echo yes; false" ended with 1, not 0; it printed\nyes/,
  );
});

test('a command that the page says fails, and does not, is red', async () => {
  const lines = ['<!-- run alone', 'yes', '-->', '```sh', 'echo yes   # refused, exit 1', '```'];
  await assert.rejects(run(...lines), /"echo yes" ended with 0, not 1/);
});

test('wrong output is red: hidden, after the block, below the command', async () => {
  const block = ['```sh', 'echo order 7 is REJECTED', '```'];
  const wrong = /no line like "order .* is CONFIRMED"/;
  await assert.rejects(run('<!-- run alone', 'order <n> is CONFIRMED', '-->', ...block), wrong);
  const after = ['', '```console', 'order 1 is CONFIRMED', '```'];
  await assert.rejects(run('<!-- run alone -->', ...block, ...after), wrong);
  const below = ['```', '$ echo order 7 is REJECTED', 'order 1 is CONFIRMED', '```'];
  await assert.rejects(run('<!-- run alone -->', ...below), wrong);
});

test('a block without effect is red: its commands end well and print nothing', async () => {
  await assert.rejects(run('<!-- run alone', 'done', '-->', '```sh', 'true', '```'), /no line like "done"/);
});

test('a command in the background is left to a test of its own', async () => {
  await assert.rejects(
    run('<!-- run alone', 'x', '-->', '```sh', 'sleep 1 &', '```'),
    /only a test of its own runs it/,
  );
});

test('a block with a time is done again until it comes to what it shows, and is red when it does not', async () => {
  const [block] = commandBlocks('page.md', '<!-- run alone; within 1 s\nready\n-->\n```sh\nlook\n```');
  assert.ok(block);
  let looks = 0;
  const typed = async () => ({ code: 0, output: ++looks < 3 ? 'waiting\n' : 'ready\n' });
  assert.equal(await runBlock(block, '', typed), 'ready\n');
  assert.equal(looks, 3);
  await assert.rejects(
    runBlock(block, '', async () => ({ code: 0, output: 'waiting\n' })),
    /Not within 1000 ms: page\.md:4 comes to what it shows/,
  );
});

test('names are filled in from what was printed last', () => {
  const id = (digit: string) => digit.repeat(32);
  const printed = `order 3: x\ntrace ${id('a')} · 3 spans\norder 12: y\ntrace ${id('b')}\n`;
  assert.equal(filledIn('./mesh trace <trace id>', printed), `./mesh trace ${id('b')}`);
  assert.equal(filledIn('./mesh trace <order>', printed), './mesh trace 12');
  assert.throws(
    () => filledIn('./mesh trace <trace id>', 'nothing'),
    /nothing printed before tells <trace id>/,
  );
  assert.throws(() => filledIn('./mesh x <thing>', printed), /no test knows where <thing>/);
  assert.equal(filledIn('openssl s_client </dev/null', ''), 'openssl s_client </dev/null');
});

test('addresses and files of mesh 1 become those of the mesh under test', () => {
  assert.equal(
    onInstance('curl localhost:8080/x 127.0.0.1:9903 127.0.0.11:15006 .mesh/1/control', 5),
    'curl localhost:8480/x 127.0.0.1:10303 127.0.4.11:15006 .mesh/5/control',
  );
});

test('commands told with the number of the mesh under test read as those of mesh 1', () => {
  assert.equal(
    asOfFirst(
      'stopped; start it with MESH_INSTANCE=9 ./mesh start users\nuntil MESH_INSTANCE=9\n  ./mesh down',
    ),
    'stopped; start it with ./mesh start users\nuntil ./mesh down',
  );
});

test('both streams are seen, in the order in which they were written', async () => {
  assert.deepEqual(await type('echo a; echo b >&2; echo c; exit 4'), { code: 4, output: 'a\nb\nc\n' });
});
