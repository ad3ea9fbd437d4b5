import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { EndedError, requestJson, UnreachableError } from '@microshop/program-kit/http-json';
import { whyUnreachable } from './running-mesh.ts';

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
      'control ended during the request. If nobody stopped it, it was killed, most likely out of memory:\n./mesh logs control',
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
