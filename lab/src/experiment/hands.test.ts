import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandFailed, ProvedNothing, UsageError } from '@microshop/cli/output/errors';
import { toVerdict } from './hands.ts';

/** What is thrown in place of that error. */
async function thrownFor(error: Error): Promise<Error> {
  const thrown: unknown = await toVerdict(() => Promise.reject(error)).catch((one: unknown) => one);
  assert.ok(thrown instanceof Error);
  return thrown;
}

test('what keeps a run from its verdict proves nothing: a mutant that did not run has not failed', async () => {
  const noK6 = await thrownFor(new CommandFailed('k6 cannot be obtained'));
  assert.ok(noK6 instanceof ProvedNothing);
  assert.equal(noK6.message, 'INVALID: the run broke: k6 cannot be obtained');
  const defect = await thrownFor(new TypeError('it is not iterable'));
  assert.ok(defect instanceof ProvedNothing);
  assert.match(defect.message, /^INVALID: the run broke: it is not iterable; MESH_DEBUG=1 shows where/);
  assert.ok(defect.cause instanceof TypeError);
  const cut = await thrownFor(new DOMException('This operation was aborted', 'AbortError'));
  assert.equal(cut.message, 'INVALID: it was interrupted');
});

test('wrong usage, and what says itself that it proved nothing, stay what they are', async () => {
  for (const error of [new UsageError('no such name'), new ProvedNothing('INVALID: the mesh stopped')]) {
    assert.equal(await thrownFor(error), error);
  }
  assert.equal(await toVerdict(async () => 7), 7);
});
