/** What an agent says of its pod while files change, and while Envoy is late, gone or new. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { fileNames } from '@microshop/envoy';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { stateOf } from '../replicas/state.ts';
import { watchLoaded } from './loaded.ts';

const file = fileNames.faults;

/** A watch of an Envoy whose admin the test plays: which version it has, and whether it answers. */
async function watched(t: TestContext) {
  const envoy = { version: '', toLeaveUnanswered: 0, asked: 0, whileAsked: () => {} };
  const server = createServer((_request, response) => {
    envoy.asked += 1;
    if (envoy.toLeaveUnanswered > 0) {
      envoy.toLeaveUnanswered -= 1;
      response.destroy();
      return;
    }
    envoy.whileAsked();
    response.end(JSON.stringify({ stats: [{ name: 'runtime.version_text', value: envoy.version }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const settings = {
    identity: 'users',
    pod: 'users-of-test',
    address: '127.0.0.1',
    control: 'http://127.0.0.1:1',
    envoy: `http://127.0.0.1:${address.port}`,
    directory: 'unused',
    token: 'unused',
    breakers: undefined,
    issued: undefined,
  } as const;
  const empty = stateOf({ faults: [], policyRecords: [], lease: null, authority: null }, 'users', Date.now());
  let written = '';
  const seen: (string | undefined)[] = [];
  const watch = watchLoaded(
    settings,
    {
      begin: async () => {},
      take: async () => {},
      state: () => ({ ...empty, version: `state of ${written}`, replica: 1 }),
      versions: () => new Map([[file, written]]),
      end: () => {},
    },
    () => seen.push(watch.now().version),
  );
  t.after(async () => {
    await watch.end();
    server.close();
  });
  return {
    envoy,
    /** Versions it has reported, each when it changed. */
    seen,
    write(version: string) {
      written = version;
      watch.soon();
    },
    /** Waits until Envoy was asked that many times more, and the last answer was looked at. */
    async asks(times: number) {
      const until = envoy.asked + times + 1;
      await eventually(`asked ${times} times`, () => {
        watch.soon();
        return envoy.asked >= until;
      });
    },
    async reports(version: string | undefined) {
      await eventually(`reports ${version}`, () => watch.now().version === version);
    },
  };
}

test('a pod whose Envoy goes from one version to a later one stays loaded, however many were written meanwhile', async (t) => {
  const pod = await watched(t);
  pod.envoy.version = 'a';
  pod.write('a');
  await pod.reports('state of a');
  pod.write('b');
  pod.write('c');
  pod.envoy.version = 'b';
  await pod.asks(2);
  // the next one is written, and applied, while a question about the one before is on its way
  pod.envoy.whileAsked = () => {
    pod.envoy.whileAsked = () => {};
    pod.write('d');
    pod.envoy.version = 'd';
  };
  await pod.reports('state of d');
  assert.deepEqual(pod.seen, ['state of a', 'state of d']);
});

test('an Envoy that leaves a question unanswered is still there; one that leaves three is not; a new one has to load', async (t) => {
  const pod = await watched(t);
  pod.envoy.version = 'a';
  pod.write('a');
  await pod.reports('state of a');
  pod.envoy.toLeaveUnanswered = 2;
  await pod.asks(3);
  assert.equal(pod.envoy.toLeaveUnanswered, 0);
  assert.deepEqual(pod.seen, ['state of a']);
  pod.envoy.toLeaveUnanswered = 3;
  pod.envoy.version = '';
  await pod.reports(undefined);
  await pod.asks(2);
  pod.envoy.version = 'a';
  await pod.reports('state of a');
  assert.deepEqual(pod.seen, ['state of a', undefined, 'state of a']);
});
