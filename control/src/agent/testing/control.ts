/** A control service as its own process, for tests of agents: it delivers by agents, and can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import path from 'node:path';
import { programs } from '@microshop/deploy/programs';
import { repositoryRoot } from '@microshop/program-kit/run-directory';
import { eventuallyDespiteErrors } from '@microshop/program-kit/testing/eventually';
import { type Address, certificatesDirectory } from '@microshop/topology';
import { request } from 'undici';
import type { ApiServer } from '../../replicas/access.ts';
import type { KnownReplica } from '../../replicas/schemas.ts';
import { readToken } from '../../secrets/token.ts';

/** What a test asks of it. */
export interface ControlProcess {
  readonly url: string;
  /** Starts it, on what an earlier one has left, and waits until it answers. */
  start(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Sends a request with its token; the status and the parsed body. */
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer>;
}

/** Fields of answers that tests read. */
interface AnsweredBody {
  readonly id?: string;
  readonly waiting_for?: readonly string[];
  /** Of a problem. */
  readonly detail?: string;
  readonly replicas?: readonly KnownReplica[];
  readonly faults?: readonly {
    readonly waiting_for: readonly string[];
    readonly hits: { readonly aborts: number };
  }[];
}

/** An answer of it. */
interface Answer {
  readonly status: number;
  /** What tests read of it, where it is there. */
  readonly body: AnsweredBody;
}

/** One that keeps its files below that directory. It is not started yet. */
export function controlProcess(
  directory: string,
  { host, port }: Address,
  kubernetes: ApiServer,
): ControlProcess {
  const state = path.join(directory, 'state');
  const url = `http://${host}:${port}`;
  let child: ChildProcess | undefined;
  return {
    url,
    async start() {
      const log = openSync(path.join(directory, 'control.log'), 'a');
      child = spawn(process.execPath, [path.join(repositoryRoot, programs.control)], {
        stdio: ['ignore', log, log],
        env: {
          PATH: process.env['PATH'],
          // what ./mesh sets: it starts on code that was compiled before
          NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
          HOST: host,
          PORT: String(port),
          MESH_MODE: 'kubernetes',
          MESH_URL_CONTROL: url,
          MESH_STATE_DIR: state,
          MESH_SECRETS_DIR: path.join(directory, 'secrets'),
          MESH_CERTIFICATES_DIR: path.join(directory, certificatesDirectory),
          MESH_URL_KUBERNETES: kubernetes.url,
          MESH_SERVICE_ACCOUNT_DIR: kubernetes.account,
        },
      });
      await eventuallyDespiteErrors(
        'the control service answers',
        async () => (await request(`${url}/health/live`)).statusCode === 200,
        20_000,
      );
    },
    async kill() {
      if (child === undefined) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      child = undefined;
    },
    async ask(method, target, body) {
      const { statusCode, body: answer } = await request(url + target, {
        method,
        headers: {
          authorization: `Bearer ${await readToken(state)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: statusCode, body: JSON.parse(await answer.text()) };
    },
  };
}
