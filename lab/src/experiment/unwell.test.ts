import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartActionError, type SupervisorClient } from '@microshop/native/supervision/supervisor-client';
import { nativePlacement } from '@microshop/topology';
import { unwellParts } from './unwell.ts';

/** A mesh of these parts; `impaired` says what a server is asked about its state. */
function meshOf(healthy: Readonly<Record<string, boolean>>, impaired: SupervisorClient['impaired']) {
  return unwellParts(
    {
      status: async () => ({
        ...{ instance: 1, running: true, state: 'up', healthy: true, supervisor_pid: 1 },
        ...{ replicas: {}, urls: {} },
        parts: Object.entries(healthy).map(([name, well]) => ({
          ...{ name, kind: 'service', state: 'running', pid: 1, healthy: well, restarts: 0 },
          ...{ rss_bytes: null, uptime_s: null, last_exit: null, making: null },
        })),
      }),
      impaired,
    },
    nativePlacement(),
  );
}

test('a part that is healthy and in the state of a fault is not well, either', async () => {
  const all = { orders: true, postgres: true, rabbitmq: true, redis: false };
  const asked: string[] = [];
  const alarmed = await meshOf(all, async (part) => {
    asked.push(part);
    return part === 'rabbitmq' ? { in_effect: true, hits: 0, counted: 'connections are blocked' } : undefined;
  });
  assert.deepEqual(alarmed, ['redis', 'rabbitmq (in the state of a fault)']);
  assert.deepEqual(asked.sort(), ['postgres', 'rabbitmq'], 'only parts that know such a state are asked');
  assert.deepEqual(await meshOf({ ...all, redis: true }, async () => undefined), []);
});

test('a server that cannot say what state it is in is not well; one that is unhealthy is not asked', async () => {
  const fails = async () => {
    throw new PartActionError('internal', 'no connection');
  };
  assert.deepEqual(await meshOf({ postgres: true }, fails), ['postgres (in the state of a fault)']);
  assert.deepEqual(await meshOf({ postgres: false }, fails), ['postgres']);
});
