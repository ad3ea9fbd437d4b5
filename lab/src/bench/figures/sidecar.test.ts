import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rateFault } from './sidecar.ts';

test('a machine that does not answer as many requests as it was asked measures another rate', () => {
  assert.equal(rateFault({ answered: 19_700, refused: 300, seconds: 20 }, 1000), undefined);
  // refused, or late
  assert.match(
    rateFault({ answered: 19_000, refused: 1000, seconds: 20 }, 1000) ?? '',
    /Only 950 of 1000 requests a second were answered/,
  );
  assert.match(rateFault({ answered: 20_000, refused: 0, seconds: 25 }, 1000) ?? '', /Only 800 of 1000/);
});
