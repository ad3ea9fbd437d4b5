/** Who may look, and who may change something: in a browser, with pages of other origins beside ours. */
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { after, test } from 'node:test';
import { listedFaults } from '../harness/faults.ts';
import { mesh } from '../harness/mesh.ts';
import { closeBrowser, newPage, pageTest, printedAddress } from './console.ts';

after(closeBrowser);

pageTest(
  'the code leaves the address at once, and the cookie is out of reach for scripts',
  async (page, t) => {
    await page.getByRole('button', { name: 'Place 20 orders/s' }).waitFor();
    assert.equal(new URL(page.url()).hash, '');
    assert.equal(await page.evaluate('document.cookie'), '');
    const [cookie] = await page.context().cookies();
    assert.match(cookie?.name ?? '', /^mesh-\d-console$/);
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);

    const address = await printedAddress();
    const first = await newPage(t);
    await first.goto(address);
    await first.getByRole('button', { name: 'Place 20 orders/s' }).isEnabled();
    const second = await newPage(t);
    await second.goto(address);
    await second.getByText('This page is read-only.').waitFor();
    assert.equal(await second.getByRole('button', { name: 'Place 20 orders/s' }).isDisabled(), true);
    const written = await mesh.logs('control');
    for (const secret of [cookie?.value, new URL(address).hash.split('=')[1]]) {
      assert.ok(secret !== undefined && secret.length > 40 && !written.includes(secret), 'it is in a log');
    }
  },
  printedAddress,
);

pageTest(
  'a page of another port, to which the browser would send the cookie, neither reads nor changes anything',
  async (page, t) => {
    await page.getByRole('button', { name: 'Place 20 orders/s' }).waitFor();
    const evil = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<p>evil</p>'),
    );
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    t.after(() => evil.close());
    const address = evil.address();
    assert.ok(address !== null && typeof address === 'object');
    const other = await page.context().newPage();
    await other.goto(`http://127.0.0.1:${address.port}/`);
    const tried = await other.evaluate(async (control) => {
      const ask = (path: string, init: RequestInit) =>
        fetch(control + path, { credentials: 'include', ...init }).then(
          ({ status, type }) => `${type} ${status}`,
          () => 'refused by the browser',
        );
      return {
        read: await ask('/api/console/overview', {}),
        change: await ask('/api/faults', { method: 'DELETE' }),
        simple: await ask('/api/console/traffic', {
          method: 'POST',
          mode: 'no-cors',
          body: '{"rate":20,"seconds":60}',
        }),
      };
    }, mesh.control);
    assert.deepEqual(tried, {
      read: 'refused by the browser',
      change: 'refused by the browser',
      simple: 'opaque 0',
    });
    const { traffic } = JSON.parse(await (await fetch(`${mesh.control}/api/console/overview`)).text());
    assert.equal(traffic.rate, 0);
  },
);

test('another host, another origin and another site are refused, and a change without token or session', async () => {
  // not by fetch, which sets the host by itself
  const status = (headers: Readonly<Record<string, string>>, method = 'GET') =>
    new Promise<number | undefined>((resolve, reject) => {
      request(`${mesh.control}/api/faults`, { method, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
  assert.equal(await status({}), 200);
  assert.equal(await status({ host: 'evil.example' }), 403);
  assert.equal(await status({ origin: 'http://evil.example' }), 403);
  assert.equal(await status({ 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await status({}, 'DELETE'), 401);
  assert.deepEqual(await listedFaults(), []);
});
