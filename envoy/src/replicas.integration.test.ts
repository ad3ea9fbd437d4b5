/** Two replicas of a service behind running Envoys: one stops, drains, fails, and the other is asked instead. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { eventually } from '@microshop/program-kit/testing/eventually';
import {
  drainHeader,
  podPorts,
  podsOf,
  replicaCheck,
  traceIdHeader,
  unseenHeader,
} from '@microshop/topology';
import { type Answer, call } from './testing/call.ts';
import { logged, origin, startEnvoys } from './testing/mesh.ts';
import { testPlacement } from './testing/placement.ts';
import { assertProblem } from './testing/problem.ts';
import {
  createServers,
  type Handler,
  patienceMs,
  type ReceivedRequest,
  type Servers,
  type Upstream,
} from './testing/servers.ts';

const placement = testPlacement({ orders: 2 });
const gateway = origin(placement.gateway.address);
const places = podsOf(placement, 'orders').map((pod) => ({ host: pod.localBind, port: podPorts.app }));
const [firstPlace, secondPlace] = places;
assert.ok(firstPlace && secondPlace);
const ok: Handler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
};

let servers: Servers;
let first: Upstream;
let second: Upstream;

// Orders has two pods; products has one sidecar and no app.
before(async () => {
  servers = await createServers();
  first = await servers.serve(firstPlace, ok);
  second = await servers.serve(secondPlace, ok);
  const sidecars = placement.pods.filter(({ service }) => service !== 'users').map(({ sidecar }) => sidecar);
  await startEnvoys(servers, placement, [...sidecars, 'gateway']);
});

after(() => servers.close());

beforeEach(bothAsked);

/** Resolves when both replicas are well and asked. */
async function bothAsked(): Promise<void> {
  first.handler = ok;
  second.handler = ok;
  await eventually(
    'the gateway finds both replicas well',
    async () => {
      const clusters = await (await fetch(`${origin(placement.gateway.admin)}/clusters`)).text();
      return clusters.match(/^orders::.*::health_flags::healthy$/gm)?.length === 2;
    },
    patienceMs,
  );
  await eventually(
    'its workers know, too: both are asked',
    async () => {
      forget();
      await Promise.all(Array.from({ length: 8 }, place));
      return ordersOf(first).length > 0 && ordersOf(second).length > 0;
    },
    patienceMs,
  );
  forget();
}

function forget(): void {
  first.received.length = 0;
  second.received.length = 0;
}

/** What reached a replica, its callers' checks apart. */
function ordersOf(upstream: Upstream): readonly ReceivedRequest[] {
  return upstream.received.filter(({ url }) => url !== replicaCheck.path);
}

const place = (): Promise<Answer> => call(`${gateway}/api/orders`, { method: 'POST', body: '{}' });

async function attemptsOf(answer: Answer): Promise<unknown> {
  return (await logged(servers, 'gateway', String(answer.headers[traceIdHeader])))['attempts'];
}

test('the app of one replica is gone: what it has not seen, POST included, is done by the other', async () => {
  await eventually(
    'one was sent to the replica that is gone',
    async () => {
      await bothAsked();
      // not waited for: its callers' checks have not noticed yet, unless the machine is busy
      const closed = first.close();
      const answers = await Promise.all(Array.from({ length: 10 }, place));
      await closed;
      first = await servers.serve(firstPlace, ok);
      assert.deepEqual(answers.map(({ status, text }) => (status === 200 ? '' : text)).join(''), '');
      assert.equal(ordersOf(second).length, answers.length, 'each was done once');
      assert.ok(answers.every(({ headers }) => headers[unseenHeader] === undefined));
      return (await Promise.all(answers.map(attemptsOf))).includes(2);
    },
    patienceMs,
  );
});

test('an only replica whose app is gone is asked twice, and no more', async () => {
  const answer = await call(`${gateway}/api/products`, { method: 'POST', body: '{}' });
  assertProblem(answer, 503, 'dependency_unavailable', '/api/products');
  assert.equal(await attemptsOf(answer), 2);
  assert.equal(answer.headers[unseenHeader], undefined);
});

test('an app cannot mark its own answer as unseen', async () => {
  const failing: Handler = (_request, response) => {
    response.writeHead(503, { [unseenHeader]: 'true' }).end();
  };
  first.handler = failing;
  second.handler = failing;
  const answer = await place();
  assert.equal(answer.status, 503);
  assert.equal(answer.headers[unseenHeader], undefined);
  assert.equal(ordersOf(first).length + ordersOf(second).length, 1);
});

test('a request an app may have seen is not sent to another', async () => {
  const breakingOff: Handler = () => {
    throw new Error('the app dies');
  };
  first.handler = breakingOff;
  second.handler = breakingOff;
  assertProblem(await place(), 503, 'dependency_unavailable', '/api/orders');
  assert.equal(ordersOf(first).length + ordersOf(second).length, 1);
});

test('a replica that says it is about to end is asked nothing more, until a check finds it ready', async () => {
  // the checks find it ready all the time: only what it says can keep callers away
  first.handler = (request, response) => {
    response.writeHead(200, request.url === replicaCheck.path ? {} : { [drainHeader]: 'true' }).end('{}');
  };
  let told = false;
  await eventually(
    'it has said so, and only the other is asked',
    async () => {
      forget();
      for (let sent = 0; sent < 6; sent++) {
        assert.equal((await place()).headers[drainHeader], undefined, 'not told to clients');
      }
      const asked = ordersOf(first).length > 0;
      told ||= asked;
      return told && !asked;
    },
    patienceMs,
  );
  first.handler = ok;
  await eventually(
    'it is asked again',
    async () => {
      await place();
      return ordersOf(first).length > 0;
    },
    patienceMs,
  );
});

test('a replica that is not ready is left out, and looking at it leaves no line', async () => {
  first.handler = (request, response) => {
    response.writeHead(request.url === replicaCheck.path ? 503 : 200).end('{}');
  };
  await eventually(
    'it was looked at, and only the other is asked',
    async () => {
      const looked = first.received.some(({ url }) => url === replicaCheck.path);
      forget();
      await Promise.all(Array.from({ length: 4 }, place));
      return looked && ordersOf(first).length === 0;
    },
    patienceMs,
  );
  const [line] = (await servers.output('orders-sidecar'))
    .split('\n')
    .filter((text) => text.includes(replicaCheck.path));
  assert.equal(line, undefined);
});
