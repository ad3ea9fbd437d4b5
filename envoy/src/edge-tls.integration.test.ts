/** TLS between clients and a running gateway: protocols, redirects, certificates that change, and one of the user's own. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { gatewayUrl } from '@microshop/topology';
import { ensureEdgeCertificate, type GivenFiles } from './certificates/index.ts';
import { issueServer, makeAuthority } from './certificates/issue.ts';
import { type Answer, type CallOptions, call } from './testing/call.ts';
import { asClient, edgeOptions, type TlsCall } from './testing/certificates.ts';
import { onHttp2 } from './testing/http2.ts';
import { origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import { createServers, patienceMs, type Servers } from './testing/servers.ts';

const placement = { ...testPlacement(), edgeAuth: true };
const gateway = gatewayUrl(placement);
const plain = origin(placement.gateway.listen);
const { port } = placement.gateway.tls;
const strict = 'strict-transport-security';

let servers: Servers;
let tls: TlsCall;

before(async () => {
  servers = await createServers();
  tls = await asClient(servers.directory);
  for (const pod of placement.pods) {
    await servers.serve(
      pod.inbound,
      (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
      pod.service,
    );
  }
  await startEnvoys(servers, placement, ['gateway']);
});

after(() => servers.close());

/** A new connection, verified unless the options say otherwise. */
async function connected(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { host } = placement.gateway.tls.address;
  const socket = connect({ host, port, ...(tls.ca === undefined ? {} : { ca: tls.ca }), ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** Serial number of the certificate that is shown now. */
async function shown(options: ConnectionOptions = {}): Promise<string> {
  const socket = await connected(options);
  try {
    return socket.getPeerCertificate().serialNumber;
  } finally {
    socket.destroy();
  }
}

test('HTTP/2 and HTTP/1.1, as the client chooses; HTTP/2 when it can do both', async () => {
  for (const [offered, chosen] of [
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1', 'h2'], 'h2'],
    [['http/1.1'], 'http/1.1'],
  ] as const) {
    const socket = await connected({ ALPNProtocols: [...offered] });
    assert.equal(socket.alpnProtocol, chosen);
    socket.destroy();
  }
  const { status, headers } = await onHttp2(gateway, tls, (ask) => ask('/api/products'));
  assert.deepEqual([status, headers[strict]], [200, 'max-age=86400']);
});

test('every name that the certificate is for is verified', async () => {
  for (const servername of ['localhost', '127.0.0.1', '::1']) {
    const socket = await connected();
    assert.equal(checkServerIdentity(servername, socket.getPeerCertificate()), undefined, servername);
    socket.destroy();
  }
  await assert.rejects(shown({ ca: [] }), { code: /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_/ });
});

test('TLS 1.2 and 1.3 with forward secrecy, nothing older', async () => {
  const versions = {
    'TLSv1.3': { minVersion: 'TLSv1.3' },
    'TLSv1.2': { maxVersion: 'TLSv1.2' },
  } as const;
  for (const [version, options] of Object.entries(versions)) {
    const socket = await connected(options);
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
  // this library offers what is older, and what is weak, only when it is told to
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  await assert.rejects(connected(old), /protocol version/i);
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384']) {
    await assert.rejects(connected({ maxVersion: 'TLSv1.2', ciphers }), /handshake failure/i, ciphers);
  }
});

test('browsers are asked for HTTPS on every answer over it, and on no other', async () => {
  for (const [path, status] of [
    ['/api/products', 200],
    ['/api/orders', 401],
    ['/nothing', 404],
  ] as const) {
    const answer = await call(gateway + path, { tls });
    assert.equal(answer.status, status, path);
    assert.equal(answer.headers[strict], 'max-age=86400', path);
    assert.equal((await call(plain + path)).headers[strict], undefined, path);
  }
});

/** An answer without TLS to a request with that `host`. */
async function asked(
  host: string,
  path = '/api/products?limit=1',
  options: CallOptions = {},
): Promise<Answer> {
  return await call(plain + path, { ...options, headers: { host, ...options.headers } });
}

test('without TLS a client is redirected by the name it called, to the port of HTTPS, whatever port it named', async () => {
  for (const [host, to] of [
    ['localhost', 'localhost'],
    ['localhost:8080', 'localhost'],
    ['127.0.0.1:1', '127.0.0.1'],
    ['[::1]:8080', '[::1]'],
    ['[::1]', '[::1]'],
  ] as const) {
    const answer = await asked(host);
    assert.equal(answer.status, 308, host);
    assert.equal(answer.headers.location, `https://${to}:${port}/api/products?limit=1`);
    assert.match(String(answer.headers['x-trace-id']), /^[0-9a-f]{32}$/);
  }
  for (const method of ['POST', 'PATCH', 'HEAD']) {
    const answer = await asked('localhost', '/api/orders', { method, body: '{}' });
    assert.deepEqual(
      [answer.status, answer.headers.location],
      [308, `https://localhost:${port}/api/orders`],
      method,
    );
  }
});

test('a name that is not its own leads nowhere', async () => {
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    'evil.example:8443',
    'localhost@evil.example',
    'localhost:80@evil.example',
    '127.0.0.1.evil.example',
    '[::2]',
  ]) {
    const answer = await asked(host);
    assert.equal(answer.headers.location, undefined, host);
    // of some Envoy does not even take the path
    const { pathname } = new URL(String(answer.json()['instance']), plain);
    assertProblem(answer, 400, 'bad_request', pathname);
  }
  // and one that a proxy would say
  const forwarded = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
  const answer = await asked('localhost', '/', { headers: forwarded });
  assert.equal(answer.headers.location, `https://localhost:${port}/`);
  // a path that looks like an address stays a path
  const { location } = (await asked('localhost', '//evil.example/x')).headers;
  assert.match(String(location), new RegExp(`^https://localhost:${port}/`));
});

test('nothing is answered without TLS but redirects and refusals', async () => {
  const trace = await asked('localhost', '/api/products', { method: 'TRACE' });
  assert.equal(trace.status, 405);
  for (const path of ['/api/users/keys', '/docs/users', '/health/ready', '/']) {
    assert.equal((await asked('localhost', path)).status, 308, path);
  }
  // whether it is ready is asked at its admin, which is no way in
  assert.equal((await call(`${origin(placement.gateway.admin)}/ready`)).status, 200);
});

test('the certificate is renewed again and again under load: no call fails', async () => {
  let ending = false;
  const failed: unknown[] = [];
  let answered = 0;
  const client = async (): Promise<void> => {
    while (!ending) {
      // a new connection each time
      const outcome: unknown = await call(`${gateway}/api/products`, { tls: { ...tls, agent: false } }).then(
        ({ status }) => status,
        (error: unknown) => error,
      );
      if (outcome !== 200) failed.push(outcome);
      answered += 1;
    }
  };
  const clients = Promise.all(Array.from({ length: 4 }, client));
  const seen = new Set([await shown()]);
  for (let turn = 1; turn <= 3; turn += 1) {
    await ensureEdgeCertificate({ ...edgeOptions(servers.directory), renew: true });
    await eventually(
      `another certificate is shown, turn ${turn}`,
      async () => !seen.has(await shown()),
      patienceMs,
    );
    seen.add(await shown());
    const target = answered + 50;
    await eventually('50 more calls are answered', async () => answered >= target, patienceMs);
  }
  ending = true;
  await clients;
  assert.equal(seen.size, 4);
  assert.deepEqual(failed, []);
});

test("the user's own certificate is shown instead, with what leads to its authority", async (t) => {
  const { names, address } = placement.gateway.tls;
  const root = await makeAuthority('The root of a user');
  const own = await issueServer(root, [...names, 'shop.example'], 3600);
  const file = (name: string) => join(servers.directory, name);
  const given: GivenFiles = {
    certificate: file('own.pem'),
    key: file('own.key'),
    authority: file('root.pem'),
  };
  await writeFile(given.certificate, own.certificate);
  await writeFile(given.key, own.key);
  await writeFile(file('root.pem'), root.certificate);
  const options = edgeOptions(servers.directory);
  t.after(() => ensureEdgeCertificate(options));
  assert.equal((await ensureEdgeCertificate({ ...options, calledAs: address.host, given })).issued, true);
  const theirs = { ca: root.certificate };
  await eventually(
    'it is shown',
    async () =>
      await shown(theirs).then(
        () => true,
        () => false,
      ),
    patienceMs,
  );
  assert.deepEqual(await asClient(servers.directory), { ca: `${root.certificate.trimEnd()}\n` });
  assert.equal((await call(`${gateway}/api/products`, { tls: { ...theirs, agent: false } })).status, 200);
  assert.equal((await ensureEdgeCertificate({ ...options, given })).issued, false, 'it is the same');
  assert.equal((await ensureEdgeCertificate(options)).issued, true, 'without it, one of the own authority');
});
