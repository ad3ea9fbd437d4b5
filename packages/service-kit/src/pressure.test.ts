import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { servicePressure } from '@microshop/topology';
import { pino } from 'pino';
import { health } from './health.ts';
import { type PressureLimits, pressure } from './pressure.ts';
import { createService } from './service.ts';

async function build(t: TestContext, limits: Partial<PressureLimits>, poolWaitMs = () => 0) {
  const logged: { msg: string; code?: string; err?: unknown }[] = [];
  const logger = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const service = await createService({ name: 'things', description: 'Things', version: '0', logger });
  t.after(() => service.close());
  await service.register(pressure, { poolWaitMs, limits: { ...servicePressure, ...limits } });
  await service.register(health, { service: 'things', database: async () => undefined, optional: {} });
  let served = 0;
  service.get('/things', async () => {
    served += 1;
    return {};
  });
  await service.ready();
  return { service, logged, served: () => served };
}

/** Keeps the event loop busy for so long, three tenths of a second at a time. */
async function busy(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const block = performance.now() + 300;
    while (performance.now() < block);
    await turn();
  }
}

const statuses = async (service: Awaited<ReturnType<typeof build>>['service']) =>
  await Promise.all(
    ['/things', '/health/live', '/health/ready'].map(async (url) => (await service.inject(url)).statusCode),
  );

test('an event loop that is behind: 503 overloaded, until it has caught up; health goes on', async (t) => {
  const { service, logged, served } = await build(t, { maxEventLoopDelayMs: 100 });
  assert.deepEqual(await statuses(service), [200, 200, 200]);
  await busy(2300);
  assert.deepEqual(await statuses(service), [200, 200, 200], 'what has just begun may be a pause');
  await busy(servicePressure.minBehindMs + 300);
  const refused = await service.inject('/things');
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.match(String(refused.headers['content-type']), /problem\+json/);
  assert.equal(refused.json().code, 'overloaded');
  assert.match(refused.json().detail, /^This service is (\d+ ms|seconds) behind with its work$/);
  assert.deepEqual(await statuses(service), [503, 200, 200]);
  assert.equal(served(), 2, 'nothing is done for a refused request');
  const lines = logged.filter(({ code }) => code === 'overloaded');
  assert.equal(lines.length, 2, 'each is logged once');

  const end = performance.now() + 30_000;
  while ((await service.inject('/things')).statusCode !== 200) {
    assert.ok(performance.now() < end, 'it takes requests again');
    await turn();
  }
});

test('a process that was paused, and is behind with nothing any more, refuses nobody', async (t) => {
  const limit = 10;
  const { service } = await build(t, { maxEventLoopDelayMs: limit });
  const others = spawn('sh', ['-c', `kill -STOP ${process.pid}; sleep 3; kill -CONT ${process.pid}`]);
  await once(others, 'close');
  const isBehind = () => service.memoryUsage().eventLoopDelay > limit;
  const end = performance.now() + 30_000;
  while (!isBehind()) {
    assert.ok(performance.now() < end, 'the delay is measured');
    await delay(10);
  }
  // later, a busy machine may be behind by itself
  const seen = performance.now();
  while (isBehind() && performance.now() - seen < 1000) {
    assert.deepEqual(await statuses(service), [200, 200, 200]);
    await delay(10);
  }
});

test('queries that wait for a connection: 503 overloaded, until they do not; health goes on', async (t) => {
  let waitedMs = servicePressure.maxPoolWaitMs + 1;
  const { service } = await build(t, {}, () => waitedMs);
  const refused = await service.inject('/things');
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal(refused.json().code, 'overloaded');
  assert.equal(refused.json().detail, 'Queries wait 2001 ms for a connection to the database');
  assert.deepEqual(await statuses(service), [503, 200, 200]);
  waitedMs = servicePressure.maxPoolWaitMs;
  assert.deepEqual(await statuses(service), [200, 200, 200]);
});
