/** An agent and answers that are of no use: what it has stays, and each reason is logged once. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { certificateSettings, ensureCertificates } from '@microshop/envoy';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { createLogger } from '@microshop/service-kit';
import { kubernetesPlacement } from '@microshop/topology';
import type { PolicyRecord } from '../changes/schemas.ts';
import { faultRecord } from '../changes/testing/fault-record.ts';
import type { ReplicaState } from '../replicas/schemas.ts';
import { stateOf } from '../replicas/state.ts';
import { buildAgent } from './app.ts';
import type { AgentSettings } from './settings.ts';

type Answer = (response: ServerResponse, query: URLSearchParams) => void;

const json =
  (body: unknown, status = 200): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** What the control service does that has this state. */
const holding =
  (state: ReplicaState): Answer =>
  (response, query) => {
    if (query.get('have') !== state.version) json(state)(response, query);
    else if (query.get('wait_ms') === '0') response.writeHead(204).end();
  };

function stateWith(abort: number, endsInMs: number | null = null): ReplicaState {
  const now = Date.now();
  const expires_at = endsInMs === null ? null : now + endsInMs;
  const faults = [faultRecord({ abort, expires_at })];
  const mesh = { faults, policyRecords: [], lease: null, authority: null };
  return { ...stateOf(mesh, 'users', now), replica: 1 };
}

/** Limits of the gateway's calls of users: one on lease for that time, milliseconds, and the one from before. */
const limits = { leased: 77, before: 66 } as const;

function stateOnLease(endsInMs: number): ReplicaState {
  const now = Date.now();
  const limited = (max_requests: number): PolicyRecord[] => [
    { caller: 'gateway', callee: 'users', change: { max_requests } },
  ];
  const lease = { expires_at: now + endsInMs, before: limited(limits.before) };
  const mesh = { faults: [], policyRecords: limited(limits.leased), lease, authority: null };
  return { ...stateOf(mesh, 'gateway', now), replica: 1 };
}

/** A state with that in its faults, as a control service of another version might have it. */
function alteredBy(state: ReplicaState, fault: object): unknown {
  return { ...state, version: 'ffffffffffff', faults: state.faults.map((one) => ({ ...one, ...fault })) };
}

/** An agent that follows a server whose answers the test gives, with nothing that it could look at. */
async function agentOf(t: TestContext, first: Answer, identity: 'users' | 'gateway' = 'users') {
  const directory = await mkdtemp(path.join(tmpdir(), 'microshop-agent-'));
  const asked: URLSearchParams[] = [];
  let answer = first;
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://control').searchParams;
    asked.push(query);
    answer(response, query);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const settings: AgentSettings = {
    identity,
    pod: `${identity}-of-test`,
    address: '127.0.0.1',
    control: `http://127.0.0.1:${address.port}`,
    // nothing listens there
    envoy: 'http://127.0.0.1:1',
    directory,
    token: path.join(directory, 'token'),
    breakers: undefined,
    issued: undefined,
  };
  await writeFile(settings.token, 'token-of-test');
  await ensureCertificates({ directory: path.join(directory, 'certificates'), ...certificateSettings({}) });
  const lines: { level: string; msg: string; reason?: string }[] = [];
  const log = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const start = async () => {
    const agent = await buildAgent({
      settings,
      placement: kubernetesPlacement(),
      logger: createLogger('agent', 'info', log),
    });
    await agent.ready();
    return agent;
  };
  let agent = await start();
  t.after(async () => {
    await agent.close();
    server.close();
    server.closeAllConnections();
    await rm(directory, { recursive: true });
  });
  return {
    asked,
    lines,
    directory,
    keys: () => readFile(path.join(directory, 'xds', 'users-sidecar', 'faults.yaml'), 'utf8'),
    /** The limit of the gateway's calls of users. */
    async limit() {
      const text = await readFile(path.join(directory, 'xds', 'gateway', 'clusters.yaml'), 'utf8');
      return Object.values(limits).filter((limit) => text.includes(`max_requests: ${limit}\n`));
    },
    started: async () => (await agent.inject('/started')).statusCode === 200,
    ready: async () => (await agent.inject('/ready')).statusCode === 200,
    async restart() {
      await agent.close();
      agent = await start();
    },
    answer(next: Answer) {
      answer = next;
      server.closeAllConnections();
    },
  };
}

/** Never answers: nothing has changed. */
const silence: Answer = () => undefined;

test('an answer that is torn or of another form changes nothing, its reason is logged once, and the next good one counts', async (t) => {
  const good = stateWith(418);
  const agent = await agentOf(t, holding(good));
  await eventually('it has begun', agent.started);
  assert.match(await agent.keys(), /abort\.http_status: 418/);
  const files = (await readdir(agent.directory, { recursive: true })).sort();

  const text = JSON.stringify(stateWith(503));
  for (const [what, answer, reason] of [
    [
      'torn',
      (response) => {
        response.writeHead(200, { 'content-length': text.length }).write(text.slice(0, 60));
        setImmediate(() => response.destroy());
      },
      /./,
    ],
    [
      'not JSON',
      (response) => response.writeHead(200).end(text.slice(0, 60)),
      /malformed: body must be object/,
    ],
    ['a field that is missing', json({ ...good, replica: undefined }), /body.*replica/],
    [
      'a field that is wrong',
      json(alteredBy(good, { percent: 101 })),
      /body\/faults\/0\/percent must be <= 100/,
    ],
    ['a field that is new', json(alteredBy(good, { wobble: 1 })), /body\/faults\/0\/wobble/],
    [
      'a call that does not exist',
      json({
        ...good,
        version: 'eeeeeeeeeeee',
        policies: [{ caller: 'users', callee: 'orders', change: { tries: 1 } }],
      }),
      /no call users → orders/,
    ],
    ['an error', json({ detail: 'query.pod is wrong' }, 400), /it answered 400: query\.pod is wrong/],
  ] as const satisfies readonly (readonly [string, Answer, RegExp])[]) {
    const [linesBefore, askedBefore] = [agent.lines.length, agent.asked.length];
    agent.answer(answer);
    await eventually(`${what}: asked three times`, () => agent.asked.length >= askedBefore + 3);
    assert.equal(agent.asked.at(-1)?.get('have'), good.version, what);
    const logged = agent.lines.slice(linesBefore).filter(({ level }) => level === 'warn');
    const own = logged.filter(({ reason: said }) => reason.test(said ?? ''));
    assert.ok(own.length >= 1 && logged.length <= 2, `${what}: ${JSON.stringify(logged)}`);
    assert.match(await agent.keys(), /abort\.http_status: 418/, what);
    assert.ok(await agent.started(), what);
    agent.answer(holding(good));
    await eventually(`${what}: it follows again`, () =>
      agent.lines.slice(linesBefore).some(({ msg }) => /control service is available again/.test(msg)),
    );
  }
  assert.deepEqual(
    (await readdir(agent.directory, { recursive: true })).sort(),
    files,
    'nothing half-written is left',
  );

  agent.answer(holding(stateWith(503)));
  await eventually('the next one counts', async () => /abort\.http_status: 503/.test(await agent.keys()));
});

test('a fault ends in its time while nothing answers, also in the next process; it is not ready without an Envoy', async (t) => {
  // long enough for a busy machine to start a process in it
  const forMs = 4000;
  const agent = await agentOf(t, holding(stateWith(418, forMs)));
  const begun = performance.now();
  await eventually('it has begun', agent.started);
  agent.answer(silence);
  await agent.restart();
  assert.ok(await agent.started());
  assert.equal(await agent.ready(), false);
  assert.match(await agent.keys(), /abort\.http_status: 418/);
  await eventually('it has ended', async () => !/fault\.http/.test(await agent.keys()));
  const lastedMs = performance.now() - begun;
  assert.ok(lastedMs > forMs - 500, `${lastedMs} ms`);
  assert.equal(agent.lines.filter(({ msg }) => msg === 'faults have expired').length, 1);
});

test('a lease that nobody renews ends in its time while nothing answers, also in the next process: the policies from before stand again', async (t) => {
  const agent = await agentOf(t, holding(stateOnLease(1500)), 'gateway');
  await eventually('it has begun', agent.started);
  assert.deepEqual(await agent.limit(), [limits.leased]);
  const renewed = stateOnLease(3000);
  const begun = performance.now();
  agent.answer(holding(renewed));
  await eventually('it was renewed', () => agent.asked.at(-1)?.get('have') === renewed.version);
  agent.answer(silence);
  await agent.restart();
  assert.ok(await agent.started());
  assert.deepEqual(await agent.limit(), [limits.leased]);
  await eventually('it has ended', async () => (await agent.limit()).includes(limits.before), 4000);
  const lastedMs = performance.now() - begun;
  assert.ok(lastedMs > 2900, `the renewal counted: ${lastedMs} ms`);
  assert.deepEqual(await agent.limit(), [limits.before]);
  const said = agent.lines.filter(({ msg }) => /^a lease has expired/.test(msg));
  assert.ok(said.length >= 1);
});

test('a lease whose policies from before do not exist is not taken over', async (t) => {
  const good = stateOnLease(60_000);
  const agent = await agentOf(t, holding(good), 'gateway');
  await eventually('it has begun', agent.started);
  const before = [{ caller: 'users', callee: 'orders', change: { tries: 1 } }];
  agent.answer(json({ ...good, version: 'eeeeeeeeeeee', lease: { ...good.lease, before } }));
  await eventually('it says why', () =>
    agent.lines.some(({ level, reason }) => level === 'warn' && /no call users → orders/.test(reason ?? '')),
  );
  assert.equal(agent.asked.at(-1)?.get('have'), good.version);
  assert.deepEqual(await agent.limit(), [limits.leased]);
});
