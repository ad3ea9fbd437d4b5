/** A real HTTP server in the place of the sidecar, and what the tests ask of a client of it. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BreakerPolicy, deadlineHeaders, edgePolicy } from '@microshop/topology';
import { Type } from 'typebox';
import { createMeshClient, type Peer } from '../client.ts';
import { type Deadline, deadlineFromHeaders } from '../deadline.ts';
import { type ErrorClass, PeerError } from '../errors.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Line = Record<string, unknown>;

/** Schema of a body that is not looked at. */
export const anything = Type.Unknown();

export interface Sidecar {
  readonly users: Peer;
  /** Applies another policy to the breaker of users: the one it began with, with these fields. */
  changeBreaker(breaker: Partial<BreakerPolicy>): void;
  readonly lines: Line[];
  readonly seen: IncomingMessage[];
  /** What the sidecar does from now on. */
  behave(handler: Handler): void;
  /** No sidecar any more: connections are refused. */
  stop(): Promise<void>;
}

/** A real HTTP server in the place of the sidecar, and a client of it. */
export async function sidecar(t: TestContext, breaker: Partial<BreakerPolicy> = {}): Promise<Sidecar> {
  let handler: Handler = answer(200, '{}');
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };

  const lines: Line[] = [];
  const log = (fields: object, message: string): void => void lines.push({ ...fields, message });
  const began = { ...edgePolicy.breaker, ...breaker };
  const client = createMeshClient({
    outboundUrl: `http://127.0.0.1:${address.port}`,
    caller: 'orders',
    logger: { info: log, warn: log },
    policy: { ...edgePolicy, perTryTimeoutMs: 500, breaker: began },
  });
  t.after(async () => {
    if (server.listening) await stop();
    await client.close();
  });
  return {
    users: client.peer('users'),
    changeBreaker: (changed) => client.changeBreakers({ users: { ...began, ...changed } }),
    lines,
    seen,
    behave: (next) => {
      handler = next;
    },
    stop,
  };
}

export function answer(status: number, body = ''): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
}

export const hang: Handler = () => {};

export function deadline(ms = 3000): Deadline {
  return deadlineFromHeaders({ [deadlineHeaders.timeout]: String(ms) });
}

export async function failure(call: Promise<unknown>): Promise<PeerError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PeerError, `expected a PeerError, got ${String(error)}`);
  return error;
}

/** Classes of `count` calls made one after another. */
export async function classes(users: Peer, count: number): Promise<(ErrorClass | 'ok')[]> {
  const found: (ErrorClass | 'ok')[] = [];
  for (let call = 0; call < count; call += 1) {
    found.push(
      await users.get('/api/users/1', { schema: anything, deadline: deadline() }).then(
        () => 'ok' as const,
        (error: unknown) => {
          assert.ok(error instanceof PeerError);
          return error.errorClass;
        },
      ),
    );
  }
  return found;
}

export async function until(condition: () => boolean | Promise<boolean>, limitMs = 5000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not within ${limitMs} ms: ${condition}`);
    await sleep(10);
  }
}
