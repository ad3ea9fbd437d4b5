import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, eventuallyDespiteErrors } from './eventually.ts';

/** Gives those one after another, then the last again and again; an error is thrown. */
function giving<T>(...answers: readonly (T | Error)[]): () => Promise<T> {
  let asked = 0;
  return async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer === undefined) throw new Error('nothing to give');
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

const refused = new Error('refused');

for (const wait of [eventually, eventuallyDespiteErrors]) {
  test(`${wait.name} returns what the condition gives once it holds`, async () => {
    assert.equal(await wait('seven', giving<number | false>(false, 7)), 7);
  });

  test(`${wait.name} names what did not hold in time`, async () => {
    await assert.rejects(wait('it rains', giving(false), 30), /^Error: Not within 30 ms: it rains$/);
  });
}

test('an error of the condition ends the one wait at once, and not the other', async () => {
  await assert.rejects(eventually('seven', giving<number>(refused, 7)), refused);
  assert.equal(await eventuallyDespiteErrors('seven', giving<number>(refused, 7)), 7);
});

test('the last error is the cause of a wait that was too long', async () => {
  await assert.rejects(
    eventuallyDespiteErrors('seven', giving<number>(refused), 30),
    (error) => error instanceof Error && error.cause === refused,
  );
});

test('the longer a wait takes, the less often it asks', async () => {
  let asked = 0;
  const never = () => {
    asked += 1;
    return false;
  };
  await assert.rejects(eventually('it rains', never, 600));
  // every 20 ms it would be 30 times
  assert.ok(asked <= 25, `${asked} times`);
});
