/**
 * What the page of the console asks of the databases stays quick with 100,000 orders in them, their events still in the outboxes,
 * and logs as long as they get. Each call is made as the page makes it, but for the network. On a machine that does nothing else:
 *
 *     node_modules/.bin/node test/audit/page-speed.bench.ts
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { figureOf } from '@microshop/control/completeness/figure';
import { registerConsole } from '@microshop/control/console/routes';
import { createSessions } from '@microshop/control/console/sessions';
import { createTraffic } from '@microshop/control/console/traffic';
import { deadLetterBook } from '@microshop/control/dead-letters/book';
import { registerDeadLetters } from '@microshop/control/dead-letters/routes';
import { registerOutbox } from '@microshop/control/outbox/routes';
import { shopClient } from '@microshop/control/service/shop';
import { maxLogBytes } from '@microshop/native/supervision/part-log';
import { createLogger, createService } from '@microshop/service-kit';
import { nativePlacement, topologyPolicies } from '@microshop/topology';
import { holdCallTimes } from '../harness/call-times.ts';
import { fillOrders, traceOfOrder } from './many-orders.ts';
import { shopServers } from './shop-servers.ts';

const orders = 100_000;
/** Times each call is made; the slowest but one may take {@link limitMs}. */
const times = 20;
const limitMs = 200;

/** Logs of the last two hours of four parts, each as long as it gets before it is cut. */
async function longLogs(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'long-logs-'));
  t.after(() => rm(directory, { recursive: true }));
  const seconds = 7200;
  const begin = Date.now() - seconds * 1000;
  const lineAt = (second: number) =>
    JSON.stringify({
      time: new Date(begin + second * 1000).toISOString(),
      trace_id: 'f'.repeat(32),
      msg: 'x'.repeat(200),
    });
  const ofOneSecond = Math.ceil(maxLogBytes / seconds / lineAt(0).length);
  const text = Array.from({ length: seconds }, (_, second) => `${lineAt(second)}\n`.repeat(ofOneSecond)).join(
    '',
  );
  for (const part of ['gateway', 'orders', 'orders-sidecar', 'products'])
    await writeFile(path.join(directory, `${part}.log`), text);
  return directory;
}

test(`p95 of what the page asks is at most ${limitMs} ms with ${orders} orders`, async (t) => {
  const servers = await shopServers(t);
  const { sources } = servers;
  await fillOrders(servers.sql, orders);
  const fastify = await createService({ name: 'control', logger: createLogger('control', 'silent') });
  t.after(() => fastify.close());
  const logs = await longLogs(t);
  const none = 'http://127.0.0.1:2';
  const letters = deadLetterBook(sources);
  registerDeadLetters(fastify, letters);
  registerOutbox(fastify, sources, letters);
  await registerConsole(fastify, {
    page: path.join(logs, 'no-page'),
    sessions: createSessions(1),
    placement: nativePlacement({ env: {} }),
    addresses: {
      ...{ gateway: none, jaeger: none, prometheus: none, management: none },
      ...{ postgres: sources.postgres, redis: sources.postgres },
    },
    changes: {
      read: async () => ({
        ...{ faults: [], policyRecords: [], lease: null },
        ...{ policies: topologyPolicies, problems: [] },
      }),
    },
    sources,
    traffic: createTraffic(shopClient(none)),
    completeness: () => figureOf([], [], 300),
    logs,
    experiments: undefined,
    run: undefined,
    processes: undefined,
  });
  const [traced] = await servers.sql<{ trace: string }>('orders', `select ${traceOfOrder('50001')} as trace`);
  const urls = [
    '/api/console/orders',
    '/api/console/orders?status=PENDING',
    '/api/console/orders?status=REJECTED',
    '/api/console/orders?before=1000',
    '/api/console/orders?search=user:7',
    '/api/console/orders?search=50001',
    '/api/console/orders?search=key-50001',
    `/api/console/orders?search=${traced?.trace}`,
    '/api/console/orders/50001',
    '/api/console/orders/50000',
    '/api/console/messages',
    '/api/dead-letters',
    '/api/outbox',
  ];
  const call = async (url: string) => {
    const { statusCode: status, body } = await fastify.inject({ url });
    return { status, body };
  };
  await holdCallTimes(t, { urls, times, limitMs, call });
  await servers.close();
});
