/** Pages of the origin that the mesh was started with, and of others, on the whole mesh. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { corsOriginsOf, corsVariable } from '@microshop/topology';
import { type Answer, type ProblemAnswer, request } from '../harness/shop.ts';
import { newCustomer, showing } from '../harness/sign-in.ts';

const [named = assert.fail(`${corsVariable} names nobody`)] = corsOriginsOf();
const other = 'https://evil.example';

const allowed = ({ headers }: Answer<unknown>) => headers.get('access-control-allow-origin');

const preflight = (from: string) =>
  request('OPTIONS', '/api/orders', undefined, { origin: from, 'access-control-request-method': 'POST' });

test('a preflight of the named origin is answered, one of another is refused', async () => {
  const yes = await preflight(named);
  assert.deepEqual([yes.status, allowed(yes)], [200, named]);
  const no = await preflight(other);
  assert.deepEqual([no.status, allowed(no)], [405, null]);
});

test('the page may read what it gets, with a token and without one; another may not', async () => {
  const { token } = await newCustomer();
  for (const [from, sees] of [
    [named, named],
    [other, null],
  ] as const) {
    const catalogue = await request('GET', '/api/products', undefined, { origin: from });
    assert.deepEqual([catalogue.status, allowed(catalogue)], [200, sees]);
    const own = await request('GET', '/api/orders', undefined, { origin: from, ...showing(token) });
    assert.deepEqual([own.status, allowed(own)], [200, sees]);
    const refused = await request<ProblemAnswer>('GET', '/api/orders', undefined, { origin: from });
    assert.deepEqual([refused.status, allowed(refused), refused.body.code], [401, sees, 'unauthorized']);
  }
});
