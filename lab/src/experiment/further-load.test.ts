import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { parseLedger } from '@microshop/control/audit/ledger';
import { furtherLoad } from './further-load.ts';
import { someCircumstances } from './testing.ts';

const line = (key: string, status: number, code?: string) =>
  `${JSON.stringify({ key, order_id: status === 201 ? 7 : null, status, trace_id: 'abc', t: 10, ms: 5, code })}\n`;

test('the buyers of a sale are audited, and what neither time nor stock explains is named', async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-further-'));
  t.after(() => rm(directory, { recursive: true }));
  const course = { timeline: someCircumstances.timeline, interrupted: null };
  const sale = { kind: 'sale', rate: 30, seconds: 2, units: 30 } as const;
  assert.deepEqual(await furtherLoad(sale, course, directory), { ledger: '', answers: [], wrong: [] });
  await mkdir(path.join(directory, 'sale'));
  const lines = [
    line('served', 201),
    line('late', 400, 'not_enough_stock'),
    line('slow', 503, 'overloaded'),
    line('broken', 500, 'internal'),
  ];
  await writeFile(path.join(directory, 'sale', 'ledger.jsonl'), lines.join(''));
  const { ledger, answers, wrong } = await furtherLoad(sale, course, directory);
  assert.deepEqual(
    parseLedger(ledger).map(({ key }) => key),
    ['served', 'late', 'slow', 'broken'],
  );
  assert.deepEqual([answers.length, wrong.map(({ key }) => key)], [4, ['broken']]);
});
