import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { lockHolder } from '@microshop/native/supervision/lock';
import { NotRunningError } from '@microshop/native/supervision/supervisor-client';
import type { MeshStatus } from '@microshop/native/supervision/supervisor-schemas';
import { messageOf } from '@microshop/program-kit/errors';
import {
  EndedError,
  NoAnswerError,
  requestJson,
  UnknownNameError,
  UnreachableError,
} from '@microshop/program-kit/http-json';
import { runDirectory } from '@microshop/program-kit/run-directory';
import { createProgram } from '../program.ts';
import { allOf, argumentsOf, wordsOf } from '../testing/commands.ts';
import { notInForce, whyUnreachable } from './running-mesh.ts';

/** A mesh that nobody runs; not the first, for which containers may stand. */
const idle = [9, 8, 7, 6, 5, 4, 3, 2].find((one) => lockHolder(runDirectory(one).lock) === undefined);
const given = process.env['MESH_INSTANCE'];
before(() => {
  process.env['MESH_INSTANCE'] = String(idle);
});
after(() => {
  if (given === undefined) delete process.env['MESH_INSTANCE'];
  else process.env['MESH_INSTANCE'] = given;
});

/** What makes each command ask the mesh, where its name alone does not. */
const asking: Readonly<Record<string, readonly string[]>> = {
  'fault set': ['--abort', '503'],
  'fault process': ['--kill'],
  'policy set': ['--tries', '1'],
  'dlq replay': ['--all'],
  'dlq drop': ['--all'],
  'outbox list': [],
  'outbox retry': ['--lost'],
};

/** Commands that have something to do without a mesh. */
const without = [
  'up',
  'down',
  'status',
  'logs',
  'tools',
  'test',
  'help',
  'fault clear',
  'policy reset',
  'policy import',
];

test('every command tells a mesh that is not running in one sentence', async () => {
  assert.ok(idle !== undefined, 'a mesh of this checkout is free');
  const leaves = allOf(createProgram()).filter(({ commands }) => commands.length === 0);
  const asked = leaves.map((command) => ({ command, words: wordsOf(command).join(' ') }));
  for (const { command, words } of asked.filter((one) => !without.includes(one.words))) {
    const args = [...words.split(' '), ...argumentsOf(command), ...(asking[words] ?? [])];
    await assert.rejects(
      createProgram().parseAsync(args, { from: 'user' }),
      (error) => {
        const sentence = new NotRunningError(idle).message;
        assert.equal(
          messageOf(error).replace(/^(INVALID|The audit cannot tell): /, ''),
          sentence,
          args.join(' '),
        );
        return true;
      },
      args.join(' '),
    );
  }
});

test('the sentence names the mesh only when it is not the first', () => {
  assert.equal(new NotRunningError(1).message, 'The mesh is not running; start it with ./mesh up');
  assert.equal(new NotRunningError(3).message, 'Mesh 3 is not running; start it with ./mesh up');
});

test('a mesh whose runner was killed is not called stopped: the parts that still run are named, and how to end them', () => {
  assert.equal(
    new NotRunningError(3, ['gateway', 'users']).message,
    [
      'Mesh 3 has lost its runner, which was killed; these parts still run: gateway, users',
      './mesh up ends them and starts again; ./mesh down ends them',
    ].join('\n'),
  );
});

const part = (name: string, state: string, healthy = false): MeshStatus['parts'][number] => ({
  name,
  kind: 'server',
  state,
  healthy,
  pid: null,
  restarts: 0,
  rss_bytes: null,
  uptime_s: null,
  last_exit: null,
  making: null,
});

const status: MeshStatus = {
  instance: 1,
  running: true,
  state: 'up',
  healthy: false,
  supervisor_pid: 1,
  replicas: {},
  urls: {},
  parts: [part('gateway', 'running', true), part('jaeger', 'stopped'), part('rabbitmq', 'running')],
};

test('a part that is stopped is named in one sentence, with the command that starts it', () => {
  const jaeger = new UnreachableError('jaeger does not answer (connection refused)', 'jaeger');
  assert.equal(whyUnreachable(jaeger, status), 'jaeger is stopped; start it with ./mesh start jaeger');
  const rabbitmq = new UnreachableError('rabbitmq does not answer', 'rabbitmq');
  assert.equal(whyUnreachable(rabbitmq, status), 'rabbitmq is not healthy; ./mesh status shows more');
});

test('a change that is not in effect is reported with the reason, and what to do', () => {
  assert.equal(
    notInForce(['jaeger', 'gateway'], status),
    [
      'Not in effect at jaeger, gateway; applied at the next start',
      'jaeger is stopped; start it with ./mesh start jaeger',
      'gateway is healthy and did not report it; ./mesh logs gateway may show why',
    ].join('\n'),
  );
  assert.match(
    notInForce(['orders'], undefined),
    /\norders did not report it; if it does not run, start it with \.\/mesh start orders$/,
  );
});

test('a part that looks well is named, with the way to look further', () => {
  const gateway = new UnreachableError('gateway does not answer (nothing within 10 s)', 'gateway');
  assert.equal(
    whyUnreachable(gateway, status),
    'gateway does not answer (nothing within 10 s); ./mesh status shows what runs',
  );
});

test('a refusal that names no part lists all that are not healthy', () => {
  assert.equal(
    whyUnreachable(new UnreachableError('RabbitMQ or a database: connection refused'), status),
    'jaeger is stopped; start it with ./mesh start jaeger\nrabbitmq is not healthy; ./mesh status shows more',
  );
});

test('in a container a part whose name nobody knows does not run, and is started by the engine', (t) => {
  process.env['MESH_MODE'] = 'compose';
  t.after(() => delete process.env['MESH_MODE']);
  const why = (error: UnreachableError) => whyUnreachable(error, undefined);
  assert.equal(
    why(new UnknownNameError('jaeger')),
    'jaeger does not run; start it with docker compose start jaeger',
  );
  assert.equal(
    why(new NoAnswerError('gateway', 'connection refused')),
    'gateway does not answer (connection refused); docker compose ps -a shows what runs',
  );
  const database = new UnreachableError('a database does not answer (its name is not known)');
  assert.match(why(database), /; docker compose ps -a shows what runs$/);
});

test('a server that cannot be reached is reported without its address', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5672'), { code: 'ECONNREFUSED' });
  assert.equal(messageOf(refused), 'connection refused');
});

/** Address of a server for the length of a test. */
async function serving(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const { port }: Pick<AddressInfo, 'port'> =
    typeof address === 'object' && address !== null ? address : { port: 0 };
  return `http://127.0.0.1:${port}`;
}

/** What a request to that address fails with. */
async function failure(url: string): Promise<UnreachableError> {
  try {
    await requestJson('control', 'POST', url, { body: {} });
  } catch (error) {
    if (error instanceof UnreachableError) return error;
    throw error;
  }
  return assert.fail('it was answered');
}

const killed: Readonly<Record<string, RequestListener>> = {
  'before its answer': (request) => void request.socket.destroy(),
  'in the middle of it': (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"half":', () => request.socket.destroy());
  },
};

for (const [when, listener] of Object.entries(killed)) {
  test(`a part that is killed ${when}: the command says what it was, most likely`, async (t) => {
    const error = await failure(await serving(t, listener));
    assert.ok(error instanceof EndedError, `${error}`);
    assert.equal(
      whyUnreachable(error, undefined),
      'control ended during the request. If it was not stopped on purpose, it was killed, most likely out of memory:\n./mesh logs control',
    );
  });
}

test('a part that is not there did not end', async (t) => {
  const url = await serving(t, () => undefined);
  const closed = url.replace(/:\d+$/, ':1');
  const error = await failure(closed);
  assert.ok(!(error instanceof EndedError));
  assert.match(whyUnreachable(error, undefined), /^control does not answer \(/);
});
