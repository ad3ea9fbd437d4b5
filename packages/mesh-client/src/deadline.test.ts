import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deadlineHeaders, requestDeadlineMs } from '@microshop/topology';
import { deadlineFromHeaders } from './deadline.ts';

const now = 1_800_000_000_000;

function read(start: string | string[] | undefined, timeout?: string): number {
  return (
    deadlineFromHeaders({ [deadlineHeaders.start]: start, [deadlineHeaders.timeout]: timeout }, now)
      .expiresAt - now
  );
}

describe('deadlineFromHeaders', () => {
  it('counts from the start that the gateway saw', () => {
    assert.equal(read(String(now - 1000), '3000'), 2000);
  });

  it('counts from now, for as long as the policy says, when there are no headers', () => {
    assert.equal(read(undefined), requestDeadlineMs);
  });

  it('takes a request that waited too long as expired', () => {
    assert.equal(read(String(now - 5000), '3500'), -1500);
  });

  for (const start of ['', 'soon', '-5', '1e12', '12.5', '99999999999999999999', '0', String(now - 61_000)]) {
    it(`counts from now when the start is ${JSON.stringify(start)}`, () => {
      assert.equal(read(start, '3000'), 3000);
    });
  }

  it('counts from now when the start is given twice', () => {
    assert.equal(read([String(now - 1000), String(now)], '3000'), 3000);
  });

  it('never ends later than now plus the time allowed, also when the other clock is ahead', () => {
    assert.equal(read(String(now + 500), '3000'), 3000);
    assert.equal(read(String(now + 60_000), '3000'), 3000);
  });

  for (const timeout of ['0', '-1', 'long', '999999999', '1.5']) {
    it(`allows what the policy allows when the timeout is ${timeout}`, () => {
      assert.equal(read(String(now), timeout), requestDeadlineMs);
    });
  }

  it('hands itself on', () => {
    const first = deadlineFromHeaders({}, Date.now() - 1000);
    const second = deadlineFromHeaders(first.headers());
    assert.equal(second.expiresAt, first.expiresAt);
  });

  it('knows what is left, never less than nothing', () => {
    const past = deadlineFromHeaders({}, Date.now() - 10_000);
    assert.equal(past.expired(), true);
    assert.equal(past.remainingMs(), 0);
    const fresh = deadlineFromHeaders({});
    assert.equal(fresh.expired(), false);
    assert.ok(fresh.remainingMs() > requestDeadlineMs - 1000);
  });
});
