import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOfDescription } from '@microshop/service-kit/testing/description.ts';
import { userRoutes } from './users.ts';

const unasked = () => Promise.reject(new Error('not called here'));

test('the description is a valid document, and no operation lacks an example', async () => {
  const options = {
    users: {
      ...{ create: unasked, findById: unasked, changeRole: unasked },
      ...{ findByEmail: unasked, list: unasked },
    },
    passwords: { hash: unasked, verify: unasked },
    tokens: { issueTo: unasked, publicKeys: unasked },
  };
  assert.deepEqual(await faultsOfDescription('users', (service) => userRoutes(service, options)), []);
});
