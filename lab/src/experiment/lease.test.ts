import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProvedNothing } from '@microshop/cli/output/errors';
import { UnreachableError } from '@microshop/program-kit/http-json';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { type Lender, withLease } from './lease.ts';

/** A control service; `renewed` is what a renewal does. */
function lender(renewed: () => Promise<void>) {
  const asked: string[] = [];
  const own: Lender = {
    leasePolicies: async () => {
      asked.push('lease');
      return { id: 'mine', expires_at: 0 };
    },
    renewLease: async (id) => {
      asked.push(`renew ${id}`);
      await renewed();
      return { id, expires_at: 0 };
    },
    endLease: async (id) => {
      asked.push(`end ${id}`);
      return { policies: [], problems: [], waiting_for: [] };
    },
  };
  return { asked, own };
}

const untilRenewed = (asked: readonly string[], times: number) =>
  eventually('it is renewed', async () =>
    asked.filter((one) => one === 'renew mine').length >= times ? true : undefined,
  );

test('a lease is renewed while the work goes on, and given back after it', async () => {
  const { asked, own } = lender(async () => undefined);
  const work = async () => {
    await untilRenewed(asked, 2);
    return 7;
  };
  assert.equal(await withLease(own, work, { everyMs: 5 }), 7);
  assert.deepEqual([asked[0], asked.at(-1)], ['lease', 'end mine']);
});

test('it is given back when the work breaks', async () => {
  const { asked, own } = lender(async () => undefined);
  await assert.rejects(
    withLease(own, async () => Promise.reject(new Error('broken'))),
    /^Error: broken$/,
  );
  assert.deepEqual(asked, ['lease', 'end mine']);
});

test('a control service that does not answer for a while changes nothing', async () => {
  const { asked, own } = lender(async () => {
    throw new UnreachableError('no answer');
  });
  await withLease(own, async () => untilRenewed(asked, 2), { everyMs: 5 });
  assert.equal(asked.at(-1), 'end mine');
});

test('one that was lost stops the work, and proves nothing', async () => {
  const { asked, own } = lender(async () => {
    throw new Error('The lease has ended');
  });
  const work = async (stop: AbortSignal) => {
    await eventually('the work is stopped', async () => (stop.aborted ? true : undefined));
  };
  await assert.rejects(
    withLease(own, work, { everyMs: 5 }),
    (error) => error instanceof ProvedNothing && /^INVALID: The lease has ended$/.test(error.message),
  );
  assert.ok(!asked.includes('end mine'));
});

test('while another command has it, nothing is begun', async () => {
  const { own } = lender(async () => undefined);
  const taken = { ...own, leasePolicies: async () => Promise.reject(new Error('changed already')) };
  await assert.rejects(
    withLease(taken, async () => assert.fail('begun')),
    (error) => error instanceof ProvedNothing && error.message === 'INVALID: changed already',
  );
});
