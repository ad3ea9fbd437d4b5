import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finder, notLooked } from '@microshop/control/audit/found';
import { reconcile } from '@microshop/control/audit/report';
import { empty, evidence, noLetters } from '@microshop/control/audit/testing/evidence';
import { auditExitCode, auditLines } from './audit.ts';

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
