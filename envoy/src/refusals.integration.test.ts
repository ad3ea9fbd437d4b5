/** The table "What is refused" of docs/reference/errors.md, row by row, against a running gateway, sidecar and app. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import {
  maxBodyBytes,
  type ProblemStatus,
  podPorts,
  podsOf,
  problemMediaType,
  problemStatuses,
  requestHeadLimits,
  servedMethods,
  traceIdHeader,
} from '@microshop/topology';
import { asObject, logged, origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { createServers, type Servers, type Upstream } from './testing/servers.ts';

const placement = testPlacement();
const { host, port } = placement.gateway.address;
const path = '/api/products/1';
let servers: Servers;
let app: Upstream;

before(async () => {
  servers = await createServers();
  const [pod] = podsOf(placement, 'products');
  assert.ok(pod);
  app = await servers.serve({ host: pod.localBind, port: podPorts.app }, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await startEnvoys(servers, placement, ['products-sidecar', 'gateway']);
});

after(() => servers.close());

beforeEach(() => {
  app.received.length = 0;
});

/** What came back on a connection of its own. */
interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Sends bytes and reads until the answer is whole or the connection ends. */
async function raw(bytes: string): Promise<Received> {
  const socket = connect(port, host);
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.setTimeout(10_000, () => socket.destroy());
  let text = '';
  const ended = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('data', (chunk: string) => {
      text = (text + chunk).replace('HTTP/1.1 100 Continue\r\n\r\n', '');
      const [head = '', body = ''] = text.split('\r\n\r\n');
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      const whole = length === undefined ? text.endsWith('\r\n0\r\n\r\n') : body.length >= Number(length);
      if (whole) resolve();
    });
  });
  socket.write(bytes, 'latin1');
  await ended;
  socket.destroy();
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { status: Number(first.split(' ')[1]), headers, body };
}

/** Sends one request over HTTP/2; status 0 when the stream was reset. */
async function http2(headers: Record<string, string>, body?: Buffer): Promise<Received> {
  const session = connectHttp2(`http://${host}:${port}`, { maxSendHeaderBlockLength: 1_000_000 });
  session.on('error', () => undefined);
  try {
    // this method has no path
    const target = headers[':method'] === 'CONNECT' ? {} : { ':path': path };
    const stream = session.request({ ...target, ...headers }, { endStream: body === undefined });
    let got: Record<string, unknown> = {};
    const chunks: Buffer[] = [];
    stream.on('response', (answer) => {
      got = asObject(answer);
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    if (body !== undefined) stream.end(body);
    await once(stream, 'close');
    const text = Object.entries(got).map(([name, value]) => [name, String(value)] as const);
    return {
      status: Number(got[':status'] ?? 0),
      headers: Object.fromEntries(text),
      body: Buffer.concat(chunks).toString(),
    };
  } finally {
    session.destroy();
  }
}

const lines = (count: number): string => Array.from({ length: count }, (_, at) => `x-${at}: 1\r\n`).join('');
const get = (more = '', target = path): string => `GET ${target} HTTP/1.1\r\nhost: a\r\n${more}\r\n`;
const post = (more: string): string => `POST /api/products HTTP/1.1\r\nhost: a\r\n${more}`;
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, '1']));
const long = 'a'.repeat(requestHeadLimits.bytes);

interface Case {
  readonly send: () => Promise<Received>;
  readonly status: number;
  readonly code: string;
  /** Refused before its trace began: told as zeros. */
  readonly noTrace?: boolean;
  readonly detail?: RegExp;
  /** Methods that are taken there, in the answer to another. */
  readonly allow?: string;
}

const unacceptable = { status: 400, code: 'bad_request', noTrace: true } as const;
const tooLarge = { status: 431, code: 'bad_request', detail: /100 headers.*16 KiB/ } as const;

/** The answer to another method where those are taken. */
const only = (allow: string) =>
  ({
    status: 405,
    code: 'method_not_allowed',
    detail: new RegExp(`^[A-Za-z]+ is not allowed here, only ${allow}$`),
    allow,
  }) as const;

const ofProduct = only('GET, HEAD, PATCH');
const ofList = only('GET, HEAD, POST');
const ofPage = only('GET, HEAD');
const anywhere = only(servedMethods.join(', '));

const badHost = { status: 400, code: 'bad_request', detail: /host/ } as const;

/** By the first column of the table. */
const table: Readonly<Record<string, readonly Case[]>> = {
  'more than 100 headers': [
    { send: () => raw(get(lines(requestHeadLimits.headers))), ...tooLarge },
    { send: () => raw(get(lines(300))), ...tooLarge },
    { send: () => http2(many(requestHeadLimits.headers + 1)), ...tooLarge },
  ],
  'path and headers over 16 KiB': [
    { send: () => raw(get(`x: ${long}\r\n`)), ...tooLarge },
    { send: () => raw(get(`cookie: ${'a=b; '.repeat(5000)}\r\n`)), ...tooLarge },
    { send: () => raw(get('', `${path}?${long}`)), ...tooLarge },
    { send: () => raw(get('', `/nothing/${long}`)), ...tooLarge },
    // more than one frame of HTTP/2 takes
    { send: () => http2({ x: long + long }), ...tooLarge },
    { send: () => http2({ ':path': `${path}?${long}` }), ...tooLarge },
  ],
  'headers beyond what is parsed': [
    { send: () => raw(get(`x: ${'a'.repeat(200_000)}\r\n`)), ...unacceptable, status: 431 },
    { send: () => raw(get('', `${path}?${'a'.repeat(200_000)}`)), ...unacceptable, status: 431 },
    { send: () => raw(get(lines(2000))), ...unacceptable, status: 431 },
  ],
  'body over 256 KiB': [
    // at once: nothing of it has to come in
    ...[maxBodyBytes + 1, 10_000_000_000].map((length) => ({
      send: () => raw(post(`content-length: ${length}\r\n\r\n`)),
      status: 413,
      code: 'too_large',
    })),
    {
      send: () =>
        http2(
          { ':method': 'POST', ':path': '/api/products', 'content-length': String(maxBodyBytes + 1) },
          Buffer.alloc(maxBodyBytes + 1),
        ),
      status: 413,
      code: 'too_large',
    },
    {
      send: () => raw(post(`content-length: ${maxBodyBytes + 1}\r\n\r\n${'x'.repeat(maxBodyBytes + 1)}`)),
      status: 413,
      code: 'too_large',
    },
    {
      send: () => raw(post(`transfer-encoding: chunked\r\n\r\n50000\r\n${'x'.repeat(0x50000)}\r\n0\r\n\r\n`)),
      status: 413,
      code: 'too_large',
    },
    {
      send: () => http2({ ':method': 'POST', ':path': '/api/products' }, Buffer.alloc(maxBodyBytes + 1)),
      status: 413,
      code: 'too_large',
    },
  ],
  'a method other than GET, HEAD, POST, PATCH': [
    ...['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].map((name) => ({
      send: () => raw(get().replace('GET', name)),
      ...ofProduct,
    })),
    { send: () => raw('DELETE /api/products HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n'), ...ofList },
    ...['FROB', 'get', 'GETT', 'XGET'].map((name) => ({
      send: () => http2({ ':method': name }),
      ...ofProduct,
    })),
    { send: () => http2({ ':method': 'FROB', ':path': '/nothing' }), ...anywhere },
    { send: () => http2({ ':method': 'FROB', ':path': '/api/products/1/nothing' }), ...anywhere },
  ],
  'a method that the path does not take': [
    { send: () => raw(get('', '/api/products').replace('GET', 'PATCH')), ...ofList },
    { send: () => raw(get('', '/api/products/?limit=1').replace('GET', 'PATCH')), ...ofList },
    { send: () => raw(get().replace('GET', 'POST')), ...ofProduct },
    { send: () => raw(get('', '/api/products/1/stock')), ...only('POST') },
    { send: () => raw(get('', '/api/users/login')), ...only('POST') },
    { send: () => raw(get('', '/api/users/login?x=1').replace('GET', 'PATCH')), ...only('POST') },
    { send: () => raw(get('', '/api/users/1').replace('GET', 'POST')), ...ofPage },
    { send: () => raw(get('', '/api/users/1').replace('GET', 'PATCH')), ...ofPage },
    { send: () => raw(get('', '/api/users/keys').replace('GET', 'POST')), ...ofPage },
    { send: () => raw(get('', '/api/orders/x').replace('GET', 'PATCH')), ...ofPage },
    { send: () => raw(get('', '/docs/users').replace('GET', 'POST')), ...ofPage },
    { send: () => raw(get('', '/docs/users/json').replace('GET', 'PATCH')), ...ofPage },
    // whatever of the body is still to come
    { send: () => raw('PATCH /api/orders HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n'), ...ofList },
  ],
  'a method unknown to HTTP/1.1': [
    { send: () => raw(get().replace('GET', 'FROB')), ...unacceptable },
    { send: () => raw(get().replace('GET', 'get')), ...unacceptable },
  ],
  'an expectation other than 100-continue': [
    {
      send: () => raw(post('expect: x\r\ncontent-length: 2\r\n\r\n{}')),
      status: 417,
      code: 'bad_request',
      detail: /100-continue/,
    },
    { send: () => http2({ expect: 'x' }), status: 417, code: 'bad_request', detail: /100-continue/ },
  ],
  'an empty host, or two': [
    { send: () => raw(`GET ${path} HTTP/1.1\r\nhost:\r\n\r\n`), ...badHost },
    { send: () => raw(`GET ${path} HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n`), ...badHost },
  ],
  'no host, or one of forbidden characters': [
    { send: () => raw(`GET ${path} HTTP/1.1\r\n\r\n`), ...unacceptable },
    { send: () => raw(`GET ${path} HTTP/1.1\r\nhost: a b"\r\n\r\n`), ...unacceptable },
  ],
  'HTTP/1.0': [
    { send: () => raw(`GET ${path} HTTP/1.0\r\nhost: a\r\n\r\n`), ...unacceptable, status: 426 },
    { send: () => raw(`GET ${path} HTTP/3.7\r\nhost: a\r\n\r\n`), ...unacceptable, status: 426 },
  ],
  'an upgrade (WebSocket), CONNECT': [
    { send: () => http2({ ':method': 'CONNECT', ':authority': 'a' }), ...unacceptable, status: 403 },
    { send: () => raw('CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n'), ...unacceptable, status: 403 },
    { send: () => raw(get('connection: upgrade\r\nupgrade: websocket\r\n')), ...unacceptable, status: 403 },
  ],
  'an ambiguous body: two lengths, a length and chunks': [
    { send: () => raw(post('content-length: 2\r\ncontent-length: 3\r\n\r\n{}')), ...unacceptable },
    { send: () => raw(post('content-length: x\r\n\r\n{}')), ...unacceptable },
    {
      send: () => raw(post('content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n')),
      ...unacceptable,
    },
  ],
  'a transfer encoding other than chunked': [
    { send: () => raw(post('transfer-encoding: gzip\r\n\r\n{}')), ...unacceptable, status: 501 },
  ],
  'a chunk that is none': [
    { send: () => raw(post('transfer-encoding: chunked\r\n\r\nzz\r\n')), status: 400, code: 'bad_request' },
  ],
  'characters no path or header may have': [
    { send: () => raw(get('', '/api/products/%00')), ...unacceptable },
    { send: () => raw(get('', `${path}#x`)), ...unacceptable },
    { send: () => raw(get('', '/api/products/\u00e9')), ...unacceptable },
    { send: () => raw(get('', `${path} x`)), ...unacceptable },
    { send: () => raw(get('', 'api')), ...unacceptable },
    { send: () => raw(get('x: a\0b\r\n')), ...unacceptable },
    { send: () => raw(get('x a: 1\r\n')), ...unacceptable },
    { send: () => raw(get('xxxx\r\n')), ...unacceptable },
    { send: () => raw('\x16\x03\x01\x02\x00\x01\r\n\r\n'), ...unacceptable },
  ],
  'no such path': [
    {
      send: () => raw('OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n'),
      status: 404,
      code: 'not_found',
      noTrace: true,
    },
    {
      send: () => raw(`POST /nothing HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n`),
      status: 404,
      code: 'not_found',
    },
    { send: () => raw(get('', '/api/products%2F1')), status: 404, code: 'not_found' },
    { send: () => raw(get('', '/api/../../x')), status: 404, code: 'not_found' },
    { send: () => raw(get('', '/api/nothing"x\\y<z>')), status: 404, code: 'not_found' },
  ],
};

for (const [what, cases] of Object.entries(table)) {
  test(`refused: ${what}`, async () => {
    for (const [index, { send, status, code, noTrace = false, detail = /./, allow }] of cases.entries()) {
      const answer = await send();
      const which = `case ${index + 1}: ${JSON.stringify(answer).slice(0, 500)}`;
      assert.equal(answer.status, status, which);
      assert.equal(answer.headers['content-type'], problemMediaType, which);
      const problem = asObject(JSON.parse(answer.body));
      assert.deepEqual(
        [problem['status'], problem['code'], problem['type']],
        [status, code, `urn:microshop:problem:${code}`],
      );
      assert.equal(typeof problem['title'], 'string');
      assert.equal(typeof problem['instance'], 'string', which);
      assert.match(String(problem['detail']), detail);
      assert.match(String(problem['trace_id']), noTrace ? /^0{32}$/ : /^(?!0{32})[0-9a-f]{32}$/, which);
      assert.equal(answer.headers[traceIdHeader], problem['trace_id'], which);
      assert.equal(answer.headers['allow'], allow, which);
    }
    assert.deepEqual(app.received, [], 'no app has seen any of it');
  });
}

test('each is documented in the description of the API', () => {
  const told: Readonly<Record<number, ProblemStatus>> = problemStatuses;
  for (const [what, cases] of Object.entries(table)) {
    for (const { status, code } of cases) {
      assert.ok(
        told[status]?.codes.some((one) => one === code),
        `${what}: ${status} ${code}`,
      );
    }
  }
});

test('the table of the page is this one', async () => {
  const page = await readFile(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');
  const [, section = ''] = /\n## What is refused\n([\s\S]*?)\n## /.exec(page) ?? [];
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  const written = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  assert.deepEqual(
    written.map(([, what]) => what),
    Object.keys(table),
  );
  for (const [, what = '', , answer = ''] of written) {
    for (const { status, code } of table[what] ?? []) assert.equal(answer, `${status} \`${code}\``, what);
  }
});

test('what is at the limit reaches the app, with all that the mesh adds', async () => {
  // the host is one of them
  const most = requestHeadLimits.headers - 1;
  assert.equal((await raw(get(lines(most)))).status, 200);
  assert.equal((await http2(many(most))).status, 200);
  const nearly = 'a'.repeat(requestHeadLimits.bytes - 500);
  assert.equal((await raw(get(`x: ${nearly}\r\n`))).status, 200);
  assert.equal((await raw(get(`${lines(most - 1)}x: ${nearly.slice(1000)}\r\n`))).status, 200);
  assert.equal((await raw(get('', `${path}?${nearly}`))).status, 200);
  assert.equal((await http2({ x: nearly })).status, 200);
  assert.equal((await raw(post('expect: 100-continue\r\ncontent-length: 2\r\n\r\n{}'))).status, 200);
  assert.equal(app.received.length, 7);
});

test('a path that is no operation is its service’s to answer, whatever the method', async () => {
  for (const name of servedMethods) {
    assert.equal((await raw(get('', '/api/products/1/nothing').replace('GET', name))).status, 200, name);
  }
  assert.equal(app.received.length, servedMethods.length);
});

test('paths are cleaned before they are matched', async () => {
  assert.equal((await raw(get('', '//api///products/./1'))).status, 200);
  assert.equal((await raw(get('', '/api/users/%2e%2e/products/1'))).status, 200);
  assert.deepEqual(
    app.received.map(({ url }) => url),
    [path, path],
  );
});

test('a made-up method is in no name that metrics are made of', async () => {
  const answer = await http2({ ':method': 'MADE-UP' });
  const line = await logged(servers, 'gateway', String(answer.headers[traceIdHeader]));
  assert.deepEqual(
    [line['method'], line['route'], line['upstream_host']],
    ['MADE-UP', 'refused method', undefined],
  );
  const stats = await (await fetch(`${origin(placement.gateway.admin)}/stats`)).text();
  assert.doesNotMatch(stats, /made-up/i);
});
