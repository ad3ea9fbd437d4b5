import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TimedFault } from './definition.ts';
import { timeline } from './timeline.ts';

const pause = (part: string, at_ms: number, for_ms: number): TimedFault => ({
  kind: 'pause',
  part,
  at_ms,
  for_ms,
});

/** Writes down when each fault is set and ended, and sees that it landed unless its part is `nowhere`. */
function recorder() {
  const events: string[] = [];
  return {
    events,
    async set(fault: object, ms: number) {
      const { part } = { part: '', ...fault };
      if (part === 'broken') throw new Error('it has no process');
      assert.ok(!('at_ms' in fault) && !('for_ms' in fault), 'only the fault is handed on');
      events.push(`set ${part} ${ms}`);
      return {
        async heal() {
          events.push(`heal ${part}`);
          return {
            ...{ landed: part !== 'nowhere', saw: `${part} was seen` },
            ...{ messages_left: 2, messages_unconfirmed: 1 },
          };
        },
      };
    },
  };
}

test('faults begin and end at their times, and may overlap', async () => {
  const { events, set } = recorder();
  const { course, heal } = timeline([pause('redis', 60, 20), pause('users', 0, 2000)], set);
  await course;
  assert.deepEqual(events, ['set users 2000', 'set redis 20', 'heal redis', 'heal users']);
  const witness = await heal();
  assert.deepEqual([witness.landed, witness.messages_left, witness.messages_unconfirmed], [true, 4, 2]);
  assert.equal(witness.saw, 'redis was seen; users was seen');
});

test('one that did not land is named, and one that landed is enough', async () => {
  const { set } = recorder();
  const { course, heal } = timeline(
    [pause('nowhere', 0, 1), pause('broken', 0, 1), pause('redis', 0, 1)],
    set,
  );
  await course;
  const { landed, saw, each } = await heal();
  assert.equal(landed, true);
  assert.equal(
    saw,
    './mesh fault process nowhere --pause did not land: nowhere was seen; ./mesh fault process broken --pause did not land: it has no process; redis was seen',
  );
  assert.deepEqual(
    each?.map((one) => one.landed),
    [false, false, true],
  );
});

test('where none landed, nothing did', async () => {
  const { set } = recorder();
  const { course, heal } = timeline([pause('nowhere', 0, 1)], set);
  await course;
  assert.equal((await heal()).landed, false);
});

test('an early end ends what is set, and begins no more', async () => {
  const { events, set } = recorder();
  const { heal } = timeline([pause('users', 0, 60_000), pause('redis', 30_000, 1)], set);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { saw } = await heal();
  assert.deepEqual(events, ['set users 60000', 'heal users']);
  assert.match(saw, /redis --pause did not land: the run ended before it$/);
});
