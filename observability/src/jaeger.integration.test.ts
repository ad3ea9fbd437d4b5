import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { jaegerBinary } from '@microshop/telemetry/testing/binaries';
import { until } from '@microshop/telemetry/testing/until';
import { type Address, nativePlacement, type Placement, portVariable } from '@microshop/topology';
import { jaegerConfig } from './jaeger.ts';

/** A native placement whose Jaeger has ports that are free. */
async function placementOnFreePorts(): Promise<Placement> {
  const names = [
    'jaeger',
    'jaeger_grpc',
    'otlp_grpc',
    'otlp_http',
    'jaeger_health',
    'jaeger_metrics',
    'collector_metrics',
    'prometheus',
  ] as const;
  const holders = await Promise.all(
    names.map(async (name) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no free port');
      return { server, variable: portVariable(name), port: String(address.port) };
    }),
  );
  await Promise.all(holders.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  const env = Object.fromEntries(holders.map(({ variable, port }) => [variable, port]));
  return nativePlacement({ instance: 1, env });
}

async function startJaeger(t: TestContext, placement: Placement): Promise<ChildProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'jaeger-'));
  const file = join(directory, 'jaeger.yaml');
  await writeFile(file, jaegerConfig(placement));
  const child = spawn(jaegerBinary(), ['--config', file], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = (log + chunk.toString('utf8')).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.after(async () => {
    child.kill('SIGTERM');
    await exit;
    await rm(directory, { recursive: true });
  });
  await until('Jaeger is well', async () => {
    assert.equal(child.exitCode, null, `Jaeger ended:\n${log}`);
    return (await text(placement.jaeger.health, '/status')).includes('"status":"StatusOK"');
  });
  return child;
}

async function text(address: Address, path: string): Promise<string> {
  try {
    const response = await fetch(`http://${address.host}:${address.port}${path}`, {
      headers: { accept: 'application/openmetrics-text, application/json' },
    });
    return await response.text();
  } catch {
    return '';
  }
}

async function send(placement: Placement, signal: string, body: unknown): Promise<void> {
  const { host, port } = placement.jaeger.otlpHttp;
  const response = await fetch(`http://${host}:${port}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
}

const resource = {
  attributes: [
    { key: 'service.name', value: { stringValue: 'orders' } },
    { key: 'service.instance.id', value: { stringValue: 'orders-1' } },
  ],
};

describe('Jaeger with this configuration', () => {
  it('takes traces and metrics, keeps and measures them, and binds nothing but the ports of the topology', async (t) => {
    const placement = await placementOnFreePorts();
    const child = await startJaeger(t, placement);
    const traceId = randomBytes(16).toString('hex');
    const now = BigInt(Date.now()) * 1_000_000n;
    await send(placement, 'traces', {
      resourceSpans: [
        {
          resource,
          scopeSpans: [
            {
              spans: [
                {
                  traceId,
                  spanId: randomBytes(8).toString('hex'),
                  name: 'POST /api/orders',
                  kind: 2,
                  startTimeUnixNano: String(now - 30_000_000n),
                  endTimeUnixNano: String(now),
                  attributes: [
                    { key: 'http.route', value: { stringValue: '/api/orders' } },
                    { key: 'order.id', value: { intValue: 7 } },
                    { key: 'user_agent', value: { stringValue: 'a client' } },
                    { key: 'node_id', value: { stringValue: 'orders-sidecar' } },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
    await send(placement, 'metrics', {
      resourceMetrics: [
        {
          resource,
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'shop.breaker.state',
                  gauge: { dataPoints: [{ timeUnixNano: String(now), asInt: 2 }] },
                },
              ],
            },
          ],
        },
      ],
    });

    await until('the trace can be found by its order', async () => {
      const query = new URLSearchParams({ service: 'orders', tags: '{"order.id":"7"}', limit: '5' });
      return (await text(placement.jaeger.query, `/api/traces?${query}`)).includes(traceId);
    });
    const kept = await text(placement.jaeger.query, `/api/traces/${traceId}`);
    assert.match(kept, /http\.route/);
    assert.doesNotMatch(kept, /user_agent|node_id/, 'what is of a client, or unread');
    let metrics = '';
    await until('spanmetrics and the metrics of the apps can be scraped', async () => {
      metrics = await text(placement.jaeger.collectorMetrics, '/metrics');
      return (
        metrics.includes('traces_span_metrics_duration_seconds_bucket') &&
        metrics.includes('shop_breaker_state')
      );
    });
    const buckets = metrics
      .split('\n')
      .filter((line) => line.startsWith('traces_span_metrics_duration_seconds_bucket'));
    assert.ok(buckets.some((line) => line.includes('le="3.5"') && line.includes('service_name="orders"')));
    assert.ok(buckets.some((line) => line.includes('http_route="/api/orders"')));
    assert.ok(!metrics.includes('order_id'), 'an order id would be a label without bound');
    assert.match(metrics, /shop_breaker_state\{[^}]*instance="orders-1",job="orders"/);
    await until('an exemplar names the trace', async () => {
      await send(placement, 'traces', oneSpan(traceId));
      return (await text(placement.jaeger.collectorMetrics, '/metrics')).includes(`trace_id="${traceId}"`);
    });
    assert.match(await text(placement.jaeger.metrics, '/metrics'), /otelcol_receiver_accepted_spans/);

    const { jaeger } = placement;
    const expected = [
      jaeger.query,
      jaeger.queryGrpc,
      jaeger.otlpGrpc,
      jaeger.otlpHttp,
      jaeger.health,
      jaeger.metrics,
      jaeger.collectorMetrics,
    ];
    assert.deepEqual(await listening(child), expected.map(({ host, port }) => `${host}:${port}`).sort());
  });
});

function oneSpan(traceId: string): unknown {
  const now = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'POST /api/orders',
    kind: 2,
    startTimeUnixNano: String(now - 30_000_000n),
    endTimeUnixNano: String(now),
  };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] };
}

/** IPv4 addresses a process listens on, from the kernel. */
async function listening(child: ChildProcess): Promise<string[]> {
  const directory = `/proc/${child.pid}/fd`;
  const links = await Promise.all(
    (await readdir(directory)).map((fd) => readlink(join(directory, fd)).catch(() => '')),
  );
  const inodes = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const listen = '0A';
  const found: string[] = [];
  for (const table of ['tcp', 'tcp6']) {
    for (const line of (await readFile(`/proc/${child.pid}/net/${table}`, 'utf8')).split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (local === undefined || state !== listen || !inodes.has(inode)) continue;
      const [host = '', port = ''] = local.split(':');
      const bytes = host.length === 8 ? (host.match(/../g) ?? []).reverse() : [host];
      const name = bytes.length === 4 ? bytes.map((byte) => Number.parseInt(byte, 16)).join('.') : host;
      found.push(`${name}:${Number.parseInt(port, 16)}`);
    }
  }
  return found.sort();
}
