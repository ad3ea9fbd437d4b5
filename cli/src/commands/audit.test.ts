import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { finder, notLooked } from '@microshop/control/audit/found';
import { reconcile } from '@microshop/control/audit/report';
import { empty, evidence, noLetters } from '@microshop/control/audit/testing/evidence';
import { whyUnreadable } from '@microshop/program-kit/errors';
import { UsageError } from '../output/errors.ts';
import { createProgram } from '../program.ts';
import { auditExitCode, auditLines } from './audit.ts';

test('a ledger that cannot be read is reported in words, before the mesh is asked', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-ledger-'));
  t.after(() => rm(directory, { recursive: true }));
  const text = path.join(directory, 'notes.txt');
  await writeFile(text, 'no ledger\n');
  const missing = path.join(directory, 'nosuch.jsonl');
  for (const [file, told] of [
    [missing, `--ledger ${missing} cannot be read: there is no such file`],
    [`${text}/below`, `--ledger ${text}/below cannot be read: there is no such file`],
    [directory, `--ledger ${directory} cannot be read: it is a directory`],
    [text, `--ledger ${text}, line 1 is not JSON`],
  ] as const) {
    const asked = createProgram().parseAsync(['audit', '--ledger', file], { from: 'user' });
    await assert.rejects(asked, new UsageError(told));
  }
});

test('a file that is there for others only is reported so', () => {
  // root reads every file, so the system's error is made here
  const refused = Object.assign(new Error("EACCES: permission denied, open 'x'"), { code: 'EACCES' });
  assert.equal(whyUnreadable(refused), 'you have no right to read it');
});

test('what was not read is no zero', () => {
  const audit = {
    ...reconcile(
      evidence({
        orders: { unread: 'orders_db is down' },
        outboxes: [{ unread: 'orders_db is down' }, empty],
        deadLetters: [noLetters, { unread: 'orders.stock.dlq is down' }],
        twice: notLooked('products_db is down'),
      }),
      undefined,
    ),
    waited_ms: 0,
  };
  assert.match(auditLines(audit).join('\n'), /could not be counted.*\(unknown\)/s);
  assert.equal(auditExitCode(audit), 3);
});

test('names are bounded, counts are not', () => {
  const many = finder();
  for (let id = 1; id <= 1000; id += 1) many.add(`order ${id}`);
  const audit = { ...reconcile(evidence({ unlike: many.found() }), undefined), waited_ms: 0 };
  assert.match(auditLines(audit).join('\n'), /and 990 more/);
  assert.equal(auditExitCode(audit), 1);
});
