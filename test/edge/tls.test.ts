/** TLS between clients and the gateway, on the whole mesh: protocols, redirects, another certificate, and who verifies it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { issueServer, makeAuthority } from '@microshop/envoy/certificates/issue';
import { onHttp2 } from '@microshop/envoy/testing/http2.ts';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { nativePlacement } from '@microshop/topology';
import { runMesh, unfolded } from '../harness/command.ts';
import { mesh } from '../harness/mesh.ts';
import { request } from '../harness/shop.ts';
import { newCustomer, operatorToken } from '../harness/sign-in.ts';

const { hostname, port } = new URL(mesh.gateway);
/** Where clients without TLS come in. */
const plainPort = nativePlacement().gateway.listen.port;
const plain = `http://${hostname}:${plainPort}`;
const strict = 'strict-transport-security';

async function connected(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: hostname, port: Number(port), ...options });
  await once(socket, 'secureConnect');
  return socket;
}

async function shown(): Promise<string> {
  const socket = await connected();
  try {
    return socket.getPeerCertificate().serialNumber;
  } finally {
    socket.destroy();
  }
}

test('it is asked over HTTP/2 and HTTP/1.1, and verified', async () => {
  const { status, headers } = await onHttp2(mesh.gateway, {}, (ask) => ask('/api/products'));
  assert.deepEqual([status, headers[strict]], [200, 'max-age=86400']);

  const one = tlsRequest(`${mesh.gateway}/api/products`, { agent: new Agent() }).end();
  const [answer] = await once(one, 'response');
  answer.resume();
  assert.deepEqual([answer.statusCode, answer.httpVersion], [200, '1.1']);
  assert.equal(answer.headers[strict], 'max-age=86400');

  await assert.rejects(connected({ ca: [] }), { code: /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_/ });
});

test('TLS 1.1 is refused', async () => {
  // this library offers it only when it is told to
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  await assert.rejects(connected(old), /protocol version/i);
  const socket = await connected({ maxVersion: 'TLSv1.2' });
  assert.equal(socket.getProtocol(), 'TLSv1.2');
  socket.destroy();
});

/** What is answered without TLS to a request with that `host`. */
async function asked(host: string, method = 'GET') {
  const one = plainRequest(`${plain}/api/products?limit=1`, { method, headers: { host } }).end();
  const [answer] = await once(one, 'response');
  answer.resume();
  return { status: answer.statusCode, location: answer.headers.location, strict: answer.headers[strict] };
}

test('without TLS there are redirects to HTTPS, by names of the gateway only', async () => {
  for (const [host, to] of [
    [`${hostname}:${plainPort}`, hostname],
    ['localhost', 'localhost'],
    ['[::1]:1', '[::1]'],
  ] as const) {
    const location = `https://${to}:${port}/api/products?limit=1`;
    assert.deepEqual(await asked(host), { status: 308, location, strict: undefined }, host);
    assert.deepEqual(await asked(host, 'POST'), { status: 308, location, strict: undefined }, host);
  }
  for (const host of ['evil.example', `evil.example:${plainPort}`, 'localhost.evil.example']) {
    assert.deepEqual(await asked(host), { status: 400, location: undefined, strict: undefined }, host);
  }
});

test('a client that follows a redirect keeps its method and its body', async () => {
  const { email, password } = await newCustomer();
  const answer = await fetch(`${plain}/api/users/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.url, `${mesh.gateway}/api/users/login`);
  const { token }: { token?: string } = JSON.parse(await answer.text());
  assert.ok(token);
});

test('readiness is asked over plain HTTP, at the admin', async () => {
  assert.equal((await fetch(`${mesh.admin('gateway')}/ready`)).status, 200);
});

test('another certificate is shown, under calls on new connections: none fails', async (t) => {
  const inside = await mesh.inside();
  t.after(() => inside.close());
  const agent = new Agent({ keepAlive: false });
  let ending = false;
  let answered = 0;
  const failed: unknown[] = [];
  const client = async (): Promise<void> => {
    while (!ending) {
      const one = tlsRequest(`${mesh.gateway}/api/products?limit=1`, { agent }).end();
      const outcome: unknown = await once(one, 'response').then(
        ([answer]) => {
          answer.resume();
          return answer.statusCode;
        },
        (error: unknown) => error,
      );
      if (outcome !== 200) failed.push(outcome);
      answered += 1;
    }
  };
  const clients = Promise.all([client(), client()]);
  const seen = new Set([await shown()]);
  for (let turn = 1; turn <= 2; turn += 1) {
    await inside.renewEdgeCertificate();
    await eventually(`another one is shown, turn ${turn}`, async () => !seen.has(await shown()));
    seen.add(await shown());
    const target = answered + 30;
    await eventually('30 more calls are answered', () => answered >= target);
  }
  ending = true;
  await clients;
  t.diagnostic(`${answered} calls`);
  assert.deepEqual(failed, []);
});

test('the command and the load ask over HTTPS', async () => {
  const status = JSON.parse((await mesh.cli(['status', '--json'])).stdout);
  assert.match(status.urls.gateway, /^https:/);
  const { code, stdout, stderr } = await mesh.cli(['order', '--user', '1', '--product', '1']);
  assert.equal(code, 0, stdout + stderr);
  // how fast it is, is not the point
  const limits = { P95_MS: '60000', P99_MS: '60000' };
  const settings = { RATE: '5', DURATION: '3s', TOKEN: await operatorToken(), ...limits };
  const load = await mesh.load('smoke', settings);
  assert.equal(load.code, 0, load.stdout + load.stderr);
  assert.match(load.stdout, /against https:/);
});

test('who does not know the authority asks nothing', async (t) => {
  if (mesh.mode !== 'native') return t.skip('in containers the volume is there');
  const empty = await mkdtemp(path.join(tmpdir(), 'microshop-trust-'));
  t.after(() => rm(empty, { recursive: true }));
  for (const [args, code] of [
    [['order', '--user', '1', '--product', '1'], 1],
    [['load', 'smoke'], 3],
  ] as const) {
    const result = await runMesh(args, { MESH_CERTIFICATES_DIR: empty });
    assert.equal(result.code, code, result.stderr);
    assert.match(unfolded(result.stderr), /certificate/);
  }
});

test("the user's certificate is refused before anything starts, by the variable, with what to do", async (t) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-given-'));
  t.after(() => rm(directory, { recursive: true }));
  const put = async (name: string, text: string): Promise<string> => {
    const file = path.join(directory, name);
    await writeFile(file, text);
    return file;
  };
  const root = await makeAuthority('The root of a user');
  const own = await issueServer(root, ['shop.example'], 3600);
  const other = await issueServer(root, ['127.0.0.1'], 3600);
  const good = {
    MESH_GATEWAY_CERTIFICATE_FILE: await put('other.pem', other.certificate),
    MESH_GATEWAY_KEY_FILE: await put('other.key', other.key),
    MESH_GATEWAY_CA_FILE: await put('root.pem', root.certificate),
  };
  const cases: readonly (readonly [Partial<typeof good>, RegExp])[] = [
    [{ MESH_GATEWAY_KEY_FILE: '' }, /MESH_GATEWAY_KEY_FILE must name the key/],
    [{ MESH_GATEWAY_KEY_FILE: '/nowhere' }, /MESH_GATEWAY_KEY_FILE cannot be read .* no such file/],
    [{ MESH_GATEWAY_KEY_FILE: await put('own.key', own.key) }, /MESH_GATEWAY_KEY_FILE .+ is not the key of/],
    [
      {
        MESH_GATEWAY_CERTIFICATE_FILE: await put('own.pem', own.certificate),
        MESH_GATEWAY_KEY_FILE: await put('own.key', own.key),
      },
      /MESH_GATEWAY_CERTIFICATE_FILE must be for 127\.0\.0\.1 as well.+ it is for DNS:shop\.example/,
    ],
    [{ MESH_GATEWAY_CA_FILE: '' }, /MESH_GATEWAY_CA_FILE must name the certificate of who signed/],
  ];
  for (const [change, message] of cases) {
    const { code, stderr } = await runMesh(['up', '--detach', '--edge-auth'], { ...good, ...change });
    assert.equal(code, 2, stderr);
    assert.match(unfolded(stderr), message);
  }
});

test('an answer without a token says so over HTTPS, too', async () => {
  const { status, headers } = await request('GET', '/api/orders');
  assert.equal(status, 401);
  assert.equal(headers.get(strict), 'max-age=86400');
});
