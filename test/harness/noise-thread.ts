/** The thread of a noisy client (`noise.ts`): requests at a steady rate, whatever they are answered, until it is told to stop. */
import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Pool } from 'undici';
import { mesh } from './mesh.ts';
import type { NoiseResult, NoiseSettings } from './noise.ts';

const { path, headers, perSecond }: NoiseSettings = workerData;

/** Requests under way at most: a gateway that lets them wait is not asked for more. */
const mostUnderWay = 100;

/** Pause between two readings of the clock, milliseconds. */
const pauseMs = 5;

// Of this thread alone, as Linux has it: a client is on a machine of its own, where its work costs the mesh nothing.
setPriority(constants.priority.PRIORITY_LOW);

const pool = new Pool(mesh.gateway, { connections: 10, headersTimeout: 10_000 });
const answers: Record<number, number> = {};
let underWay = 0;
let isOver = false;
let isTold = false;

async function ask(): Promise<void> {
  underWay += 1;
  let status = 0;
  try {
    const { statusCode, body } = await pool.request({ method: 'GET', path, headers });
    status = statusCode;
    await body.dump();
  } catch {
    // no answer is one of the outcomes
  }
  underWay -= 1;
  answers[status] = (answers[status] ?? 0) + 1;
  if (!isTold) parentPort?.postMessage('answered');
  isTold = true;
}

parentPort?.once('message', () => {
  isOver = true;
});

const began = performance.now();
const asked: Promise<void>[] = [];
while (!isOver) {
  const due = Math.floor(((performance.now() - began) * perSecond) / 1000);
  while (asked.length < due && underWay < mostUnderWay) asked.push(ask());
  await delay(pauseMs);
}
const seconds = (performance.now() - began) / 1000;
await Promise.all(asked);
await pool.close();
const result: NoiseResult = { answers, seconds };
parentPort?.postMessage(result);
