/** Starts and ends the servers of a test: Envoys, Jaeger, and small HTTP servers in the place of the services. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { type Address, appHeaderBytes, type Identity } from '@microshop/topology';
import { makeCertificates, materialOf, type TlsMaterial } from './certificates.ts';

/** How long the tests wait for what an Envoy comes to, milliseconds: it starts and checks beside other servers. */
export const patienceMs = 60_000;

/** Ends everything a test started, last first. */
export interface Servers {
  /** Directory for files, and the one children run in; holds the mesh's certificates. Removed at the end. */
  readonly directory: string;
  /** Starts a child process that runs until the end, and waits until `ready` holds. */
  start(name: string, binary: string, args: readonly string[], ready: () => Promise<boolean>): Promise<void>;
  /** What a child wrote to standard output. */
  output(name: string): Promise<string>;
  /** Serves HTTP in the place of an app; with an identity over mutual TLS, in the place of its inbound listener. */
  serve(address: Address, handler: Handler, identity?: Identity): Promise<Upstream>;
  close(): Promise<void>;
}

/** Answers one request of a stand-in app; one that throws breaks the connection off. */
export type Handler = (request: ReceivedRequest, response: Reply) => void | Promise<void>;

/** The answer of a stand-in, over HTTP/1.1 or HTTP/2. */
export interface Reply {
  writeHead(status: number, headers?: Record<string, string>): Reply;
  end(): unknown;
  end(body: string): unknown;
}

/** A request an app got, its body read. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An app's stand-in: what it got so far, and how it answers now. */
export interface Upstream {
  readonly received: ReceivedRequest[];
  handler: Handler;
  close(): Promise<void>;
}

/** Prepares an empty set of servers. */
export async function createServers(): Promise<Servers> {
  const directory = await mkdtemp(join(tmpdir(), 'microshop-envoy-'));
  await makeCertificates(directory);
  const closers: (() => Promise<void>)[] = [];
  const log = (name: string, stream: string): string => join(directory, `${name}.${stream}`);

  return {
    directory,
    async start(name, binary, args, ready) {
      const stdio = ['ignore', openSync(log(name, 'out'), 'w'), openSync(log(name, 'err'), 'w')] as const;
      const child = spawn(binary, args, { stdio: [...stdio], cwd: directory });
      closers.push(() => stop(child));
      await eventually(
        `${name} is ready`,
        async () => {
          if (child.exitCode !== null) {
            throw new Error(
              `${name} ended with ${child.exitCode}: ${await readFile(log(name, 'err'), 'utf8')}`,
            );
          }
          return await ready().catch(() => false);
        },
        patienceMs,
      );
    },
    output: (name) => readFile(log(name, 'out'), 'utf8'),
    async serve(address, handler, identity) {
      const material = identity === undefined ? undefined : await materialOf(directory, identity);
      const upstream = await serve(address, handler, material);
      closers.push(() => upstream.close());
      return upstream;
    },
    async close() {
      for (const close of closers.reverse()) await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const reaper = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(reaper);
}

async function serve(address: Address, handler: Handler, material?: TlsMaterial): Promise<Upstream> {
  const received: ReceivedRequest[] = [];
  const listener = (request: IncomingMessage | Http2ServerRequest, response: Reply): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const entry = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(entry);
      // what an app that dies leaves: no answer, and the connection (over HTTP/2 the stream) is gone
      const answer = async (): Promise<void> => await upstream.handler(entry, response);
      answer().catch(() => request.socket.destroy());
    });
  };
  const server = material === undefined ? plainServer(listener) : meshServer(listener, material);
  const upstream: Upstream = {
    received,
    handler,
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return upstream;
}

type Listener = (request: IncomingMessage | Http2ServerRequest, response: Reply) => void;

/** A server that can close its connections whether or not something is under way on them. */
type ClosingServer = Server & { closeAllConnections(): void };

function plainServer(listener: Listener): ClosingServer {
  return createServer({ maxHeaderSize: appHeaderBytes }, listener);
}

/** HTTP/2 over mutual TLS, as an inbound listener speaks. */
function meshServer(listener: Listener, material: TlsMaterial): ClosingServer {
  const server = createSecureServer({ ...material, requestCert: true, minVersion: 'TLSv1.3' }, listener);
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  return Object.assign(server, {
    closeAllConnections: () => {
      for (const session of sessions) session.destroy();
    },
  });
}
