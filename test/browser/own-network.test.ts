/** The network of the browser: it has the loopback alone, and networks of this machine that come and go spoil no request. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@microshop/program-kit/testing/eventually';
import { execa } from 'execa';
import { closeBrowser, newPage } from './console.ts';
import { hasOwnNetwork, ownNetwork } from './own-network.ts';

after(closeBrowser);

const skip = hasOwnNetwork() ? false : 'no network namespace can be made here';

/** Prints the names of the interfaces that a process has. */
const interfaces = 'console.log(Object.keys(require("node:os").networkInterfaces()).join())';

test('what runs in it has the loopback and nothing else', { skip }, async (t) => {
  const network = (await ownNetwork(process.execPath)) ?? assert.fail();
  t.after(() => network.close());
  assert.equal((await execa(network.executable, ['-e', interfaces])).stdout, 'lo');
});

/** Connections that a browser makes to one server at the same time. */
const connections = 6;

/** Time in which a browser hears of a change of networks, milliseconds. */
const seenWithinMs = 500;

function urlOf(server: Server): string {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}/`;
}

/** Changes the interfaces of this machine; whether it may. */
async function ip(...args: readonly string[]): Promise<boolean> {
  return (await execa('ip', args, { reject: false })).exitCode === 0;
}

test('networks of this machine come and go, and no request ends with them', { skip }, async (t) => {
  const page = await newPage(t);
  const waiting: ServerResponse[] = [];
  let released = false;
  const server = createServer((request, response) => {
    if (request.url === '/') response.setHeader('content-type', 'text/html').end('<p>here</p>');
    else if (released || request.url === '/favicon.ico') response.end('answered');
    else waiting.push(response);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  await page.goto(urlOf(server));

  const name = `test${randomBytes(3).toString('hex')}`;
  t.after(() => ip('link', 'del', name));
  // two ends, as a container's network has them
  const isThere =
    (await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}b`)) &&
    (await ip('link', 'set', `${name}b`, 'up')) &&
    (await ip('link', 'set', name, 'up'));
  if (!isThere) return t.skip('no network can be added to this machine');
  // more than the browser has connections for: one waits for its own, which is what a change of networks ends
  const texts = page.evaluate(
    (count) =>
      Promise.all(
        Array.from({ length: count }, (_, at) =>
          fetch(`/${at}`).then(
            (answer) => answer.text(),
            (error: unknown) => String(error),
          ),
        ),
      ),
    connections + 1,
  );
  await eventually('all connections are taken', () => waiting.length === connections);
  await ip('address', 'add', '198.51.100.1/24', 'dev', name);
  await delay(seenWithinMs);
  await ip('address', 'del', '198.51.100.1/24', 'dev', name);
  await delay(seenWithinMs);
  released = true;
  for (const response of waiting) response.end('answered');
  assert.deepEqual(await texts, Array(connections + 1).fill('answered'));
});
