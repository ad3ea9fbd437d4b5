import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnreachableError } from '@microshop/program-kit/http-json';
import { answered, callsWitness, noFault, togetherWitness } from './faults.ts';
import { pauseWitness } from './part-faults.ts';

const none = { aborts: 0, delays: 0, answers_replaced: 0, answers_slowed: 0 };

test('a fault of calls has a witness when a call met it', () => {
  assert.deepEqual(callsWitness([], { ...none, aborts: 12, answers_replaced: 3, answers_slowed: 0 }), {
    landed: true,
    saw: 'Envoy counted 12 aborts, 3 answers replaced',
  });
});

for (const [what, waiting, hits, saw] of [
  ['no call met it', [], none, 'no call met it'],
  [
    'a sidecar did not apply it',
    ['products-sidecar'],
    { ...none, aborts: 3 },
    'it was not in effect at products-sidecar',
  ],
  ['it was cleared by somebody else', [], undefined, 'it was gone before its time'],
] as const) {
  test(`it has none when ${what}`, () => {
    assert.deepEqual(callsWitness(waiting, hits), { landed: false, saw });
  });
}

test('a pause has a witness in the state of the process', () => {
  assert.deepEqual(pauseWitness('products', 7, 'T'), {
    landed: true,
    saw: 'products (pid 7) was in state T',
  });
  assert.equal(pauseWitness('products', 7, 'S').landed, false);
  assert.deepEqual(pauseWitness('products', 7, undefined), {
    landed: false,
    saw: 'products (pid 7) was in state gone',
  });
});

test('faults that are set together have a witness when each landed, and leave what each has made', () => {
  const poison = { landed: true, saw: '3 messages were sent', messages_left: 2, messages_late: ['a', 'b'] };
  const down = { landed: true, saw: 'jaeger was gone' };
  assert.deepEqual(togetherWitness([poison, down]), {
    landed: true,
    saw: '3 messages were sent; jaeger was gone',
    messages_left: 2,
    messages_unconfirmed: 0,
    messages_late: ['a', 'b'],
  });
  assert.equal(togetherWitness([poison, { ...down, landed: false }]).landed, false);
});

test('a fault that is not applied has none', async () => {
  assert.equal((await noFault.heal()).landed, false);
});

test('a fault is ended also while the control service is being started again; what it refuses is not asked twice', async () => {
  let asked = 0;
  const once = async () => {
    asked += 1;
    if (asked < 2) throw new UnreachableError('control does not answer');
    return 7;
  };
  assert.deepEqual([await answered(once), asked], [7, 2]);
  await assert.rejects(
    answered(() => Promise.reject(new UnreachableError('control does not answer')), 0),
    /does not answer/,
  );
  let refused = 0;
  const refuses = () => {
    refused += 1;
    return Promise.reject(new Error('no'));
  };
  await assert.rejects(answered(refuses), /^Error: no$/);
  assert.equal(refused, 1);
});
