/** TLS before a server of a test, with a certificate of the test's choice: what comes is decrypted and handed on. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createSecureContext, TLSSocket } from 'node:tls';
import { issueFor, type KeyPair } from '@microshop/envoy/certificates/issue';
import type { Address } from '@microshop/topology';

/** What PostgreSQL's clients send before their handshake: the length, and the code of an SSLRequest. */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** A certificate of a server of that DNS name. */
export async function serverCertificate(authority: KeyPair, dns: string): Promise<KeyPair> {
  const now = Date.now();
  return await issueFor(authority, {
    ...{ name: dns, hosts: [dns] },
    ...{ notBefore: new Date(now - 60_000), notAfter: new Date(now + 3_600_000) },
  });
}

/** How a connection comes to TLS: at once, or as PostgreSQL's does, when it is asked for. */
export type Greeting = 'at once' | 'when asked';

/** Begins to listen for the length of a test; its port at this machine. */
export async function tlsFront(
  t: TestContext,
  to: Address,
  { certificate, key }: KeyPair,
  greeting: Greeting = 'at once',
): Promise<number> {
  const secureContext = createSecureContext({ cert: certificate, key });
  const open = new Set<Socket>();

  function kept(socket: Socket): Socket {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    return socket;
  }

  function decrypt(client: Socket): void {
    const secure = new TLSSocket(client, { isServer: true, secureContext });
    const server = kept(connect({ host: to.host, port: to.port }));
    const end = (): void => {
      secure.destroy();
      server.destroy();
    };
    // a client that refuses the certificate breaks off
    for (const socket of [secure, server]) socket.once('error', end).once('close', end);
    secure.pipe(server).pipe(secure);
  }

  const front = createServer((client) => {
    kept(client).on('error', () => client.destroy());
    if (greeting === 'at once') return decrypt(client);
    client.once('data', (asked: Buffer) => {
      if (!sslRequest.equals(asked)) return client.destroy();
      client.write('S');
      return decrypt(client);
    });
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  t.after(() => {
    front.close();
    for (const socket of open) socket.destroy();
  });
  const address = front.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
