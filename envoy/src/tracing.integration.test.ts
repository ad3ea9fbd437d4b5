/** Spans of a call through gateway and sidecars, as a real Jaeger stores them. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { attributes, podPorts, traceIdHeader } from '@microshop/topology';
import { stringify } from 'yaml';
import { jaegerBinary } from './testing/binaries.ts';
import { call } from './testing/call.ts';
import { at, listAt } from './testing/inspect.ts';
import { asObject, origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { createServers, patienceMs, type Servers, type Upstream } from './testing/servers.ts';

const placement = testPlacement();
let servers: Servers;
let users: Upstream;

/** A span as the tests look at it. */
interface Span {
  readonly id: string;
  readonly parent: string | undefined;
  /** `service: name (kind)`. */
  readonly label: string;
  readonly tags: Readonly<Record<string, unknown>>;
}

function appAddress(service: string): { host: string; port: number } {
  const pod = placement.pods.find((candidate) => candidate.service === service);
  assert.ok(pod);
  return { host: pod.localBind, port: podPorts.app };
}

/** A Jaeger with nothing but a receiver, a memory and the query API. */
async function startJaeger(): Promise<void> {
  const { query, otlpGrpc, health } = placement.jaeger;
  const endpoint = (port: number): { endpoint: string } => ({ endpoint: `${placement.jaeger.bind}:${port}` });
  const file = join(servers.directory, 'jaeger.yaml');
  const config = {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: endpoint(health.port) },
      jaeger_query: {
        storage: { traces: 'memory' },
        http: endpoint(query.port),
        grpc: endpoint(query.port - 1),
      },
      jaeger_storage: { backends: { memory: { memory: { max_traces: 1000 } } } },
    },
    receivers: { otlp: { protocols: { grpc: endpoint(otlpGrpc.port) } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  };
  await writeFile(file, stringify(config));
  await servers.start('jaeger', jaegerBinary(), ['--config', `file:${file}`], async () => {
    const services = await call(`${origin(query)}/api/services`);
    return services.status === 200 && 'data' in services.json();
  });
}

async function spansOf(traceId: string, atLeast: number): Promise<readonly Span[]> {
  let spans: readonly Span[] = [];
  await eventually(
    `the trace has ${atLeast} spans`,
    async () => {
      const answer = await call(`${origin(placement.jaeger.query)}/api/traces/${traceId}`);
      if (answer.status !== 200) return false;
      const trace = at(answer.json(), 'data', 0);
      spans = listAt(trace, 'spans').map((span) => readSpan(trace, span));
      return spans.length >= atLeast;
    },
    patienceMs,
  );
  return spans;
}

function readSpan(trace: unknown, span: unknown): Span {
  const tags = Object.fromEntries(
    listAt(span, 'tags').map((tag) => [String(at(tag, 'key')), asObject(tag)['value']]),
  );
  const service = at(trace, 'processes', String(at(span, 'processID')), 'serviceName');
  const parent = at(span, 'references', 0, 'spanID');
  return {
    id: String(at(span, 'spanID')),
    parent: parent === undefined ? undefined : String(parent),
    label: `${service}: ${at(span, 'operationName')} (${tags['span.kind']})`,
    tags,
  };
}

/** The labels from a span up to the root. */
function lineage(spans: readonly Span[], span: Span): readonly string[] {
  const parent = spans.find((candidate) => candidate.id === span.parent);
  return parent === undefined ? [span.label] : [span.label, ...lineage(spans, parent)];
}

before(async () => {
  servers = await createServers();
  await startJaeger();
  users = await servers.serve(appAddress('users'), (_request, response) => {
    response.writeHead(users.received.length < 3 ? 503 : 200).end('{}');
  });
  // Orders asks users in the trace it was called in, as its instrumentation would have it.
  await servers.serve(appAddress('orders'), async ({ headers }, response) => {
    const outbound = `http://${appAddress('orders').host}:${podPorts.outbound}/api/users/7`;
    const { status } = await call(outbound, {
      headers: { host: 'users', traceparent: String(headers['traceparent']) },
    });
    response.writeHead(status).end('{}');
  });
  await startEnvoys(servers, placement, ['gateway', 'orders-sidecar', 'users-sidecar']);
});

after(() => servers.close());

test('every listener and every attempt at a peer is a span under the one that caused it', async () => {
  const answer = await call(`${origin(placement.gateway.address)}/api/orders?id=1`, {
    headers: { traceparent: '00-11111111111111111111111111111111-2222222222222222-00' },
  });
  assert.equal(answer.status, 200);
  const spans = await spansOf(String(answer.headers[traceIdHeader]), 10);
  assert.equal(spans.length, 10);

  const outbound = [
    'orders-sidecar: outbound GET users (server)',
    'orders-sidecar: inbound GET /api/orders (server)',
    'gateway: to orders (client)',
    'gateway: GET /api/orders (server)',
  ];
  for (const number of [1, 2, 3]) {
    const attempt = spans.find((span) => span.label === `orders-sidecar: try ${number} of users (client)`);
    assert.ok(attempt, `try ${number} is there`);
    assert.deepEqual(lineage(spans, attempt).slice(1), outbound);
    assert.equal(attempt.tags[attributes.direction], 'outbound');
    assert.equal(attempt.tags[attributes.peer], 'users');
    assert.equal(attempt.tags[attributes.attempt], number);
    assert.equal(attempt.tags['http.status_code'], number < 3 ? '503' : '200');

    const inbound = spans.find((span) => span.parent === attempt.id);
    assert.equal(inbound?.label, 'users-sidecar: inbound GET /api/users (server)');
    assert.equal(inbound.tags[attributes.direction], 'inbound');
    assert.equal(inbound.tags[attributes.caller], 'orders');
    assert.equal(inbound.tags[attributes.attempt], number);
    assert.equal(inbound.tags['response_code_details'], 'via_upstream');
  }

  const roots = spans.filter((span) => span.parent === undefined);
  assert.deepEqual(
    roots.map((span) => span.label),
    ['gateway: GET /api/orders (server)'],
  );
  assert.equal(roots[0]?.tags[attributes.direction], 'edge');
  assert.equal(roots[0]?.tags[attributes.peer], 'orders');
  assert.equal(roots[0]?.tags['url.path'], '/api/orders');
});

test('a request that matches nothing has a trace, too', async () => {
  const answer = await call(`${origin(placement.gateway.address)}/nowhere`);
  const [span] = await spansOf(String(answer.headers[traceIdHeader]), 1);
  assert.equal(span?.label, 'gateway: GET unmatched (server)');
});

test('the span of a method nobody serves is named without it: metrics are made of the names', async () => {
  const answer = await call(`${origin(placement.gateway.address)}/api/orders`, { method: 'PUT' });
  const [span] = await spansOf(String(answer.headers[traceIdHeader]), 1);
  assert.equal(span?.label, 'gateway: refused method (server)');
});
