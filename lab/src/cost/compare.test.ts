import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './compare.ts';
import { cpuPerOrder } from './cpu.ts';

const cpu = (services: number, jaeger: number) => ({
  services,
  Envoys: 2,
  Jaeger: jaeger,
  'databases and broker': 5,
  client: 1,
});

test('each pair is compared with itself, so a slow minute falls on both', () => {
  const pair = (speed: number) => ({
    on: { ordersPerSecond: 80 * speed, cpuMsPerOrder: cpu(10, 2) },
    off: { ordersPerSecond: 100 * speed, cpuMsPerOrder: cpu(9, 1) },
  });
  const { throughput, servicesCpu, allCpu, cpuMsPerOrder } = compare([pair(1), pair(0.1), pair(2)]);
  assert.equal(throughput.median, 0.8);
  assert.equal(servicesCpu.median, 0.9);
  assert.equal(allCpu.median, 18 / 20);
  assert.deepEqual(cpuMsPerOrder.Jaeger, { on: 2, off: 1 });
});

test('CPU between two readings is shared among the orders', () => {
  assert.deepEqual(cpuPerOrder(cpu(100, 10), cpu(300, 40), 10), {
    services: 20,
    Envoys: 0,
    Jaeger: 3,
    'databases and broker': 0,
    client: 0,
  });
});
