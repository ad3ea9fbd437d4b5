/**
 * Clients that take their time, clients that are too many, and a callee that falls silent, against a running gateway
 * whose time limits are shorter by the same factor: a limit that is not set is not shortened, and its test times out.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { gatewayMaxConnections, podsOf, problemMediaType } from '@microshop/topology';
import { stringify } from 'yaml';
import { gatewayConfig } from './gateway.ts';
import { call } from './testing/call.ts';
import { at, listAt, withAt } from './testing/inspect.ts';
import { adminOf, asObject, origin, startEnvoy } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { createServers, patienceMs, type Servers } from './testing/servers.ts';

const placement = testPlacement();
const { host, port } = placement.gateway.address;
const gateway = origin(placement.gateway.address);
/** Connections this gateway holds at once. */
const most = 20;

type Path = readonly (string | number)[];
const manager: Path = ['static_resources', 'listeners', 0, 'filter_chains', 0, 'filters', 0, 'typed_config'];

/** The limit at that path, divided; nothing where there is none. */
function shorter(config: unknown, path: Path, by: number): unknown {
  const found = at(config, ...path);
  return typeof found === 'string' ? withAt(config, path, `${Number.parseFloat(found) / by}s`) : config;
}

function hurriedGateway(): unknown {
  const whole: unknown = gatewayConfig(placement);
  const users = listAt(whole, 'static_resources', 'clusters').findIndex((one) => at(one, 'name') === 'users');
  const http = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  const keepalive: Path = [
    ...[
      'static_resources',
      'clusters',
      users,
      'typed_extension_protocol_options',
      http,
      'explicit_http_config',
    ],
    ...['http2_protocol_options', 'connection_keepalive'],
  ];
  const limits: readonly (readonly [Path, number])[] = [
    [[...manager, 'request_headers_timeout'], 10],
    [[...manager, 'request_timeout'], 10],
    [[...manager, 'stream_idle_timeout'], 10],
    [[...manager, 'common_http_protocol_options', 'idle_timeout'], 300],
    [[...keepalive, 'interval'], 10],
    [[...keepalive, 'timeout'], 10],
  ];
  const hurried = limits.reduce((config, [path, by]) => shorter(config, path, by), whole);
  const limit = [
    'overload_manager',
    'resource_monitors',
    0,
    'typed_config',
    'max_active_downstream_connections',
  ];
  assert.equal(at(hurried, ...limit), gatewayMaxConnections);
  return withAt(hurried, limit, most);
}

let servers: Servers;

before(async () => {
  servers = await createServers();
  const [orders] = podsOf(placement, 'orders');
  assert.ok(orders);
  await servers.serve(
    orders.inbound,
    (_request, response) => void response.writeHead(200).end('{}'),
    'orders',
  );
  const file = join(servers.directory, 'hurried.yaml');
  await writeFile(file, stringify(hurriedGateway(), { aliasDuplicateObjects: false }));
  await startEnvoy(servers, placement, 'gateway', file);
});

after(() => servers.close());

/** Sends the beginning, then a piece at a time until the gateway has ended the connection; all that it said. */
async function trickle(beginning: string, piece: string): Promise<string> {
  const socket = connect(port, host);
  socket.setEncoding('utf8');
  let text = '';
  let closed = false;
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
  });
  socket.write(beginning);
  await eventually(
    'the gateway has had enough',
    async () => {
      if (!closed && piece !== '') socket.write(piece);
      return closed;
    },
    patienceMs,
  );
  return text;
}

/** The problem a client gets. */
function told(text: string): Record<string, unknown> {
  assert.match(text, new RegExp(`^content-type: ${problemMediaType.replace('+', '\\+')}\\r$`, 'm'), text);
  return asObject(JSON.parse(text.split('\r\n\r\n')[1] ?? ''));
}

test('headers that take too long: 408 and the end of the connection', async () => {
  const problem = told(await trickle('GET /api/orders HTTP/1.1\r\nhost: a\r\n', 'x: 1\r\n'));
  assert.deepEqual([problem['status'], problem['code'], problem['instance']], [408, 'bad_request', '/']);
  // not only as the whole request takes too long
  assert.match(String(problem['detail']), /request_header_timeout/);
});

test('a body that takes too long: 408 with a trace, and the end of the connection', async () => {
  const problem = told(
    await trickle('POST /api/orders HTTP/1.1\r\nhost: a\r\ncontent-length: 9999\r\n\r\n', 'x'),
  );
  assert.deepEqual(
    [problem['status'], problem['code'], problem['instance']],
    [408, 'bad_request', '/api/orders'],
  );
  assert.match(String(problem['detail']), /in time/);
  assert.match(String(problem['trace_id']), /^(?!0{32})/);
});

test('a connection on which nothing is asked is closed', async () => {
  assert.equal(await trickle('', ''), '');
});

test('a client that does not read its answer loses it', async () => {
  const session = connectHttp2(gateway, { settings: { initialWindowSize: 0 } });
  session.on('error', () => undefined);
  const stream = session.request({ ':path': '/api/orders' });
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.on('close', resolve));
  assert.notEqual(stream.rstCode, constants.NGHTTP2_NO_ERROR);
  session.destroy();
});

test('connections above the limit are closed at once and counted, and admin has its own', async () => {
  const stats = `${origin(adminOf(placement, 'gateway'))}/stats?filter=listener.*downstream_global_cx_overflow`;
  const overflows = async (): Promise<number> => {
    const counts = [...(await call(stats)).text.matchAll(/: (\d+)/g)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  };
  assert.equal(await overflows(), 0);
  const sockets = Array.from({ length: 2 * most }, () => connect(port, host));
  for (const socket of sockets) socket.on('error', () => undefined);
  await eventually('half of them are refused', async () => (await overflows()) >= most, patienceMs);
  for (const socket of sockets) socket.destroy();
  await eventually(
    'there is room again',
    async () => {
      const answer = await call(`${gateway}/api/orders`).catch(() => undefined);
      return answer?.status === 200;
    },
    patienceMs,
  );
});

test('a connection on which the callee has fallen silent is found by its pings, and another one is made', async (t) => {
  const [pod] = podsOf(placement, 'users');
  assert.ok(pod);
  const behind = { host: pod.inbound.host, port: pod.inbound.port + 1 };
  await servers.serve(behind, (_request, response) => void response.writeHead(200).end('{}'), 'users');
  // in front of it a wire that can be cut without either end noticing
  const ends: Socket[] = [];
  const wire = createServer((socket) => {
    const onward = connect(behind.port, behind.host);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) {
      end.on('error', () => undefined);
      ends.push(end);
    }
  });
  wire.listen(pod.inbound.port, pod.inbound.host);
  await once(wire, 'listening');
  t.after(() => {
    for (const end of ends) end.destroy();
    wire.close();
  });
  const ask = async (): Promise<number> => (await call(`${gateway}/api/users`)).status;
  assert.equal(await ask(), 200);
  for (const end of ends) end.unpipe().pause();
  // asked all the time: neither idleness nor its age would end a connection in use
  await eventually(
    'another connection is made',
    async () => {
      const answers = [ask(), ask()];
      await delay(100);
      return (await Promise.all(answers)).every((status) => status === 200);
    },
    patienceMs,
  );
});
