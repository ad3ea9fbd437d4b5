/** Starts and ends the servers of a test: Envoys, Jaeger, and small HTTP servers in the place of the services. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from '@microshop/topology';

/** Ends everything a test started, last first. */
export interface Servers {
  /** Directory for files; removed at the end. */
  readonly directory: string;
  /** Starts a child process that runs until the end, and waits until `ready` holds. */
  start(name: string, binary: string, args: readonly string[], ready: () => Promise<boolean>): Promise<void>;
  /** What a child wrote to standard output. */
  output(name: string): Promise<string>;
  /** Serves HTTP in the place of an app. */
  serve(address: Address, handler: Handler): Promise<Upstream>;
  close(): Promise<void>;
}

/** Answers one request of a stand-in app. */
export type Handler = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

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
  const closers: (() => Promise<void>)[] = [];
  const log = (name: string, stream: string): string => join(directory, `${name}.${stream}`);

  return {
    directory,
    async start(name, binary, args, ready) {
      const stdio = ['ignore', openSync(log(name, 'out'), 'w'), openSync(log(name, 'err'), 'w')] as const;
      const child = spawn(binary, args, { stdio: [...stdio], cwd: directory });
      closers.push(() => stop(child));
      await until(`${name} is ready`, async () => {
        if (child.exitCode !== null) {
          throw new Error(
            `${name} ended with ${child.exitCode}: ${await readFile(log(name, 'err'), 'utf8')}`,
          );
        }
        return await ready().catch(() => false);
      });
    },
    output: (name) => readFile(log(name, 'out'), 'utf8'),
    async serve(address, handler) {
      const upstream = await serve(address, handler);
      closers.push(() => upstream.close());
      return upstream;
    },
    async close() {
      for (const close of closers.reverse()) await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until the condition holds. Throws when it does not within the time (milliseconds). */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain until ${what}`);
    await delay(50);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const reaper = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(reaper);
}

async function serve(address: Address, handler: Handler): Promise<Upstream> {
  const received: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const entry = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(entry);
      Promise.resolve(upstream.handler(entry, response)).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  });
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
